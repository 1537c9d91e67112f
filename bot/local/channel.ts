import { createHash } from 'node:crypto';
import type { Message, SentFile } from '../core/types.ts';
import { nickname } from './nickname.ts';
import { type Entry, type LocalStore, type Member, openLocalStore } from './store.ts';

/** The newest lines that a window gets; older ones stay in the file. */
const windowLines = 300;

/** Something in the channel changed: a line, or who is here. */
export type Change = 'lines' | 'people';

export type Channel = ReturnType<typeof createChannel>;

/** The one local channel: its people, its lines, and who is looking. Knows no HTTP and nothing of asks. */
export function createChannel(file: string) {
  const store: LocalStore = openLocalStore(file);
  const listeners = new Set<(change: Change) => void>();
  const windows = new Map<string, number>();
  let busy = 0;
  let isClosed = false;
  const tell = (change: Change) => {
    for (const listener of listeners) listener(change);
  };

  return {
    /**
     * Who sits at a window: equal for equal pairs, and nobody can tell the secret from the id.
     * @param secret the browser's cookie
     * @param window the window's own id
     */
    join(secret: string, window: string): Member {
      const id = createHash('sha256')
        .update(JSON.stringify([secret, window]))
        .digest('base64url')
        .slice(0, 16);
      return store.member(id) ?? store.addMember(id, nickname(id));
    },
    rename(member: Member, name: string): void {
      store.rename(member.id, name, windowLines);
      tell('lines');
      tell('people');
    },
    /** A person's line. The same nonce again changes nothing. */
    say(
      member: Member,
      text: string,
      { files = [], ...options }: { nonce: string; pending: boolean; replyTo?: number; files?: readonly SentFile[] },
    ): { entry: Entry; isNew: boolean } {
      const nonce = `${member.id}:${options.nonce}`;
      const line = store.add({
        author: member.id,
        body: { type: 'person', text, ...(files.length > 0 && { files }) },
        ...options,
        nonce,
      });
      tell('lines');
      return line;
    },
    /** The bot's line. The same nonce again returns the line that it made the first time. */
    post(message: Message, options: { nonce: string; replyTo?: number; onlyFor?: string; ask?: string }): Entry {
      const { entry } = store.add({ body: { type: 'bot', message }, ...options, nonce: `bot:${options.nonce}` });
      tell('lines');
      return entry;
    },
    /** @returns false when there is no such line of the bot */
    replace(id: number, message: Message): boolean {
      const before = store.entry(id);
      if (before?.body.type !== 'bot') return false;
      if (JSON.stringify(before.body.message) !== JSON.stringify(message)) {
        store.replace(id, { type: 'bot', message });
        tell('lines');
      }
      return true;
    },
    /** What is shown beside the line's own text changed. */
    touch(id: number): void {
      if (isClosed) return;
      store.touch(id);
      tell('lines');
    },
    /** Whether a line is the bot's own. */
    isBots: (id: number): boolean => store.entry(id)?.body.type === 'bot',
    /** The line, if this person may see it. */
    entry(id: number, member: Member): Entry | undefined {
      const entry = store.entry(id);
      return entry && (entry.onlyFor === undefined || entry.onlyFor === member.id) ? entry : undefined;
    },
    since(revision: number, member: Member): Entry[] {
      return isClosed ? [] : store.since(revision, member.id, windowLines);
    },
    pending: () => store.pending(),
    /** A command that is not marked in time is handed over again at the next start; the core knows it by its id. */
    handled(id: number): void {
      if (!isClosed) store.handled(id);
    },
    /** The bot is working on something; shown as typing. */
    async working<Result>(work: () => Promise<Result>): Promise<Result> {
      busy += 1;
      if (busy === 1) tell('people');
      try {
        return await work();
      } finally {
        busy -= 1;
        if (busy === 0) tell('people');
      }
    },
    isBusy: () => busy > 0,
    /** Counts a window as open until the returned function is called. */
    enter(member: Member): () => void {
      windows.set(member.id, (windows.get(member.id) ?? 0) + 1);
      tell('people');
      return () => {
        const left = (windows.get(member.id) ?? 1) - 1;
        if (left > 0) windows.set(member.id, left);
        else windows.delete(member.id);
        tell('people');
      };
    },
    people: (): Member[] => (isClosed ? [] : [...windows.keys()]).flatMap((id) => store.member(id) ?? []),
    /** @returns the way to stop */
    subscribe(listener: (change: Change) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close(): void {
      isClosed = true;
      store.close();
    },
  };
}
