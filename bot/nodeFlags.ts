/**
 * What Node is started with for a bot (package.json's `bot` says the same). A bot waits for platforms most of the time and has some
 * 60 MB of live objects; left to itself V8 lets garbage grow to three times as much, and takes 64 MB for new objects, before it
 * collects. `npm run bench:bot` measures what that saves.
 */
export const nodeFlags = ['--max-semi-space-size=2', '--optimize-for-size'] as const;
