/** Makes the folder that sandboxes run from, which otherwise the first computed workload does. For images that are read-only later. */
import { sandboxImage } from '../host/runtime/sandbox/Image.ts';

// What makes it keeps nobody else's process alive.
const waiting = setInterval(() => undefined, 1_000);
await sandboxImage();
clearInterval(waiting);
