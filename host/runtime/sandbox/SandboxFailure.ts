/**
 * Why no script could be run at all: this host's fault, never the script's. The operator must act when it lasts; trying
 * again can help.
 * - `start`: no process could be made, or it did not get ready    - `broken`: it said what no sandbox of ours says, or died
 */
export class SandboxFailure extends Error {
  override name = 'SandboxFailure';
  readonly code: 'start' | 'broken';
  constructor(code: 'start' | 'broken', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
