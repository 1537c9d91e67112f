/** Makes the folder that sandboxes run from: a step of the setup (install.mjs). */
import { sandboxImage } from '../host/runtime/sandbox/Image.ts';

// What makes it keeps nobody else's process alive.
const waiting = setInterval(() => undefined, 1_000);
await sandboxImage();
clearInterval(waiting);
