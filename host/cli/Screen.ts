import type { WriteStream } from 'node:tty';

const csi = '\u001b[';
/** The other screen, so that what stood before comes back; no cursor. */
const enter = `${csi}?1049h${csi}?25l${csi}2J`;
const leave = `${csi}?25h${csi}?1049l`;

/**
 * Text that changes in place on a terminal: every line is written over the old one in a single write, so nothing flickers. Whatever
 * ends the process, the terminal is as it was before.
 */
export function createScreen(output: WriteStream): { draw(text: string): void; close(): void } {
  let open = true;
  let last = '';
  const draw = (text: string): void => {
    last = text;
    const lines = text.split('\n').slice(0, Math.max(1, output.rows - 1));
    output.write(`${csi}H${lines.map((line) => `${cut(line, output.columns)}${csi}K`).join('\n')}\n${csi}J`);
  };
  const redraw = (): void => draw(last);
  const close = (): void => {
    if (!open) return;
    open = false;
    output.off('resize', redraw);
    output.write(leave);
  };
  const end = (code: number) => (): void => {
    close();
    process.exit(code);
  };
  process.once('exit', close);
  process.once('SIGINT', end(130));
  process.once('SIGTERM', end(143));
  output.on('resize', redraw);
  output.write(enter);
  return { draw, close };
}

/** A line that would wrap would push the others down. */
function cut(line: string, columns: number): string {
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}
