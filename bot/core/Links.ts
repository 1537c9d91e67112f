/** How links and transactions are written. */
export type Links = {
  /** Base of every link, without a slash at the end. */
  publicUrl: string;
  /** Links open only on this machine. */
  localOnly: boolean;
  /** Base of the block explorer, without a slash at the end. */
  explorer?: string;
};
