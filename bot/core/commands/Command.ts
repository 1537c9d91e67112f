import type { Changes } from '../../store/Store.ts';
import type { Db } from '../../store/Tables.ts';
import type { AskRecord } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Key, Translate } from '../I18n.ts';
import type { Button, Incoming, Message } from '../types.ts';

export type CommandEvent = Extract<Incoming, { type: 'command' }>;
export type PressEvent = Extract<Incoming, { type: 'press' }>;

/** One thing that is typed after a command's name. */
export type Option = {
  /** Lower case, one word; in the event's `options` under this name. */
  name: string;
  description: Key;
  /** `model`: completed with the names of models. `choice`: one of `choices`. `file`: comes with the event's `attachments`. */
  kind: 'text' | 'model' | 'choice' | 'file';
  choices?: readonly { value: string; label: Key }[];
  isRequired?: true;
  /** What is typed without a name: comes as the event's `text`. One a command, the first or the last. */
  isText?: true;
};

/** What is done in the transaction that says what an event led to. */
type Writes = {
  /** Comes first. False: another press was faster, and then nothing is done or said. */
  claim?: (db: Db) => Promise<boolean>;
  write?: (db: Db, changes: Changes) => Promise<void>;
};

/**
 * What an event leads to: a question with its card, as a function when that is decided in the transaction that writes it; something said to whoever caused the event, to that person alone when
 * `isPrivate`; a `secret`, said where nobody else can read it; or something `instead` of the message whose button was pressed.
 */
export type Response = Writes &
  (
    | { ask: AskRecord | ((db: Db) => Promise<AskRecord>); instead?: Message }
    | { note: Message; isPrivate?: true }
    | { secret: Message }
    | { instead: Message }
  );

/** A command: all that the platforms' menus and the dispatcher need to know of it. */
export type Command = {
  name: string;
  /** What it does, in at most 100 characters (Discord's limit). */
  description: Key;
  options: readonly Option[];
  /** Concerns one person: shown to that person alone where the platform can. */
  isPrivate: boolean;
  run(context: Context, event: CommandEvent, t: Translate): Promise<Response>;
  /** A press of a button that `buttonData` made for this command. @param argument untrusted: anybody can send anything */
  press?(context: Context, event: PressEvent, argument: string, t: Translate): Promise<Response>;
};

/** Telegram's limit for what a button holds, bytes. */
const mostData = 64;

/** A button that comes back to the command `name`. @throws RangeError when it would hold more than a platform takes */
export function pressButton(name: string, argument: string, label: string): Button {
  const data = `${name}:${argument}`;
  if (Buffer.byteLength(data) > mostData)
    throw new RangeError(`A button of /${name} holds more than ${mostData} bytes`);
  return { type: 'press', label, data };
}

/**
 * What was given for each option: by name where the platform has names, else from the text: `--name value` or `name:value` first (a value
 * with spaces in quotation marks), then a word for each `choice`, and what is left is the option that `isText`.
 */
export function argumentsOf({ options }: Command, event: CommandEvent): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name } of options) {
    const given = event.options[name]?.trim();
    if (given) found[name] = given;
  }
  let rest = event.text.trim();
  const flag = /^(?:(?:--|—)([a-z]+)(?:\s+|=)|([a-z]+):\s?)(?:"([^"]*)"|“([^”]*)”|(\S+))\s*/u;
  for (let match = flag.exec(rest); match; match = flag.exec(rest)) {
    const [whole, dashed, prefixed, ...values] = match;
    const name = dashed ?? prefixed ?? '';
    if (!options.some((option) => option.name === name && !option.isText)) break;
    found[name] ??= values.find((value) => value !== undefined) ?? '';
    rest = rest.slice(whole.length);
  }
  for (const { name, choices } of options) {
    if (!choices || name in found) continue;
    const [whole, word = ''] = /^(\S+)\s*/u.exec(rest) ?? [''];
    const choice = choices.find(({ value }) => value === word.toLowerCase());
    if (!choice) continue;
    found[name] = choice.value;
    rest = rest.slice(whole.length);
  }
  const text = options.find(({ isText }) => isText)?.name;
  if (text !== undefined && rest !== '') found[text] ??= rest;
  return found;
}
