import type { ConnectionStatus } from '../../../bot/core/ConnectionStatus.ts';
import {
  type Adapter,
  type Chat,
  DeliveryError,
  type Direct,
  type Message,
  type MessageRef,
  type Person,
  type Platform,
} from '../../../bot/core/types.ts';

export type Shown = {
  id: string;
  chat: Chat;
  replyTo?: string;
  nonce: string;
  onlyFor?: string;
  message: Message;
  edits: number;
};

/** A chat platform in memory, which outlives the bot. `render` puts at most `limit` characters of an answer in a part. */
export class FakePlatform implements Adapter<Message> {
  readonly platform: Platform;
  readonly dropsRepeats: boolean;
  readonly limit: number;
  readonly shown: Shown[] = [];
  calls = 0;
  #last = 0;
  /** Called before and after each call takes effect; may throw. */
  around: (moment: 'before' | 'after', kind: 'send' | 'edit') => void = () => {};

  constructor({
    platform = 'telegram',
    dropsRepeats = true,
    limit = 40,
  }: { platform?: Platform; dropsRepeats?: boolean; limit?: number } = {}) {
    this.platform = platform;
    this.dropsRepeats = dropsRepeats;
    this.limit = limit;
  }

  direct(person: Person): Direct {
    return { chat: { platform: this.platform, id: person.id } };
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  status(): ConnectionStatus {
    return { isConnected: true, line: 'connected' };
  }

  render(message: Message): { payload: Message }[] {
    const { answer = '', ...rest } = message;
    const chunks: string[] = [];
    for (let at = 0; at < answer.length; at += this.limit) chunks.push(answer.slice(at, at + this.limit));
    const [first, ...more] = chunks;
    return [{ ...rest, ...(first !== undefined && { answer: first }) }, ...more.map((chunk) => ({ text: chunk }))].map(
      (payload) => ({ payload }),
    );
  }

  async send(chat: Chat, part: { payload: Message }, options: Parameters<Adapter['send']>[2]): Promise<MessageRef> {
    this.calls += 1;
    this.around('before', 'send');
    const { replyTo, nonce, onlyFor } = options;
    const twin = this.dropsRepeats ? this.shown.find((one) => one.nonce === nonce) : undefined;
    const id = twin?.id ?? String(++this.#last);
    if (!twin) {
      this.shown.push({
        id,
        chat,
        nonce,
        ...(replyTo && { replyTo: replyTo.id }),
        ...(onlyFor && { onlyFor: onlyFor.id }),
        message: part.payload,
        edits: 0,
      });
    }
    this.around('after', 'send');
    return { chat, id };
  }

  async edit(ref: MessageRef, part: { payload: Message }): Promise<void> {
    this.calls += 1;
    this.around('before', 'edit');
    const one = this.shown.find(({ id }) => id === ref.id);
    if (!one) throw new DeliveryError('gone', 'deleted');
    one.message = part.payload;
    one.edits += 1;
    this.around('after', 'edit');
  }

  /** Somebody deletes a message. */
  remove(id: string): void {
    const at = this.shown.findIndex((one) => one.id === id);
    if (at >= 0) this.shown.splice(at, 1);
  }
}
