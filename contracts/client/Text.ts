import { type Hex, hex } from './Hex.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 bytes. A lone surrogate becomes U+FFFD. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** UTF-8 bytes as 0x-prefixed hexadecimal. */
export function hexOf(text: string): Hex {
  return hex(`0x${Buffer.from(text.toWellFormed(), 'utf8').toString('hex')}`);
}

/** The text of bytes that somebody else chose: what is not UTF-8 becomes U+FFFD, a byte order mark stays. */
export function textOf(data: string): string {
  return decoder.decode(Buffer.from(data.slice(2), 'hex'));
}
