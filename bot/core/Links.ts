/** How links and transactions are written. */
export type Links = {
  /** Base of every link, without a slash at the end. */
  publicUrl: string;
  /** Links open only on this machine. */
  localOnly: boolean;
  /** Base of the block explorer, without a slash at the end. */
  explorer?: string;
};

/** Whether links of this base open only on the machine that serves them. */
export function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
