/** Longest line between host and sandbox, either way. UTF-8 bytes. */
export const maxFrameBytes = 8 * 1024 * 1024;

/** Puts a byte stream back together into lines, each of them at most `maxBytes` long. */
export type Frames = {
  /** @returns the lines that this piece completes; undefined: one is too long, and the stream can't be trusted any more */
  push(piece: Uint8Array): string[] | undefined;
};

const newline = 0x0a;

/** One JSON text a line, UTF-8. Never holds more than `maxBytes` and one piece, whatever the other side sends. */
export function createFrames(maxBytes: number): Frames {
  let parts: Uint8Array[] = [];
  let held = 0;
  return {
    push: (piece) => {
      const lines: string[] = [];
      let from = 0;
      for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
        if (held + end - from > maxBytes) return undefined;
        parts.push(piece.subarray(from, end));
        lines.push(Buffer.concat(parts).toString('utf8'));
        parts = [];
        held = 0;
        from = end + 1;
      }
      if (from < piece.length) {
        // A copy: the piece may be the stream's own buffer.
        parts.push(Uint8Array.from(piece.subarray(from)));
        held += piece.length - from;
      }
      return held > maxBytes ? undefined : lines;
    },
  };
}
