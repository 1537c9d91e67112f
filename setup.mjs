// What every npm script runs first. Nothing here that an old Node can't read, so that it can say what is wrong.
const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(
    'This needs Node 20.20 or newer to set itself up; this is Node ' +
      process.versions.node +
      '. Install a current Node from https://nodejs.org and try again.',
  );
  process.exit(1);
}
import('./start/install.mjs');
