import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { MenuEntry } from '../../core/commands/menu.ts';
import { say, sayRich } from '../../pay/page/words.tsx';
import type { Suggestion } from '../adapter.ts';
import { AttachButton, ChosenFiles } from './Files.tsx';

/** One thing that can be put into the line. */
type Choice = { text: string; label: string; hint: string; detail: string };

/** The line one types in, with suggestions for what starts with `/`. */
export function Composer({
  isReady,
  commands,
  draft,
  answering,
  onCancelReply,
  onSay,
  onSuggest,
}: {
  isReady: boolean;
  commands: readonly MenuEntry[];
  /** Put into the line when it changes. */
  draft: { text: string } | undefined;
  /** The line that the next one replies to. */
  answering: { name: string; text: string } | undefined;
  onCancelReply: () => void;
  onSay: (text: string, files: readonly File[]) => Promise<boolean>;
  onSuggest: (command: string, typed: string) => Promise<readonly Suggestion[]>;
}) {
  const [text, setText] = useState('');
  const [files, setFiles] = useState<readonly File[]>([]);
  const [isSending, setIsSending] = useState(false);
  const [isDismissed, setIsDismissed] = useState(false);
  const [active, setActive] = useState(0);
  const box = useRef<HTMLTextAreaElement>(null);
  const offered = useChoices(text, commands, onSuggest);
  const choices = isDismissed ? [] : offered;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, 220)}px`;
  }, [text]);

  const change = (next: string) => {
    setText(next);
    setActive(0);
    setIsDismissed(false);
  };
  // Before the page is painted: what is typed right after a press belongs into the line.
  useLayoutEffect(() => {
    if (!draft) return;
    change(draft.text);
    box.current?.focus();
  }, [draft]);
  const isAnswering = answering !== undefined;
  useLayoutEffect(() => {
    if (isAnswering) box.current?.focus();
  }, [isAnswering]);
  const isEmpty = text.trim() === '' && files.length === 0;
  const attach = (more: readonly File[]) => {
    setFiles((before) => [...before, ...more]);
    box.current?.focus();
  };
  const send = async () => {
    const said = text.trim();
    if (isEmpty || isSending || !isReady) return;
    setIsSending(true);
    if (await onSay(said, files)) {
      change('');
      setFiles([]);
    }
    setIsSending(false);
    box.current?.focus();
  };
  const take = (choice: Choice) => {
    change(choice.text);
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const choice = choices[active];
    if (choice && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setActive((active + (event.key === 'ArrowDown' ? 1 : choices.length - 1)) % choices.length);
    } else if (choice && event.key === 'Escape') {
      setIsDismissed(true);
    } else if (answering && event.key === 'Escape') {
      onCancelReply();
    } else if (
      choice &&
      (event.key === 'Tab' || event.key === 'Enter') &&
      !event.shiftKey &&
      choice.text.trimEnd() !== text.trimEnd()
    ) {
      event.preventDefault();
      take(choice);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    }
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      onDragOver={(event) => event.dataTransfer?.types.includes('Files') && event.preventDefault()}
      onDrop={(event) => {
        const dropped = [...(event.dataTransfer?.files ?? [])];
        if (dropped.length === 0) return;
        event.preventDefault();
        attach(dropped);
      }}
    >
      <p class="visually-hidden" role="status">
        {choices.length > 0 ? say('chat.choices', { count: choices.length }) : ''}
      </p>
      {choices.length > 0 ? (
        <div class="choices" role="listbox" id="choices" aria-label={say('chat.suggestions')}>
          {choices.map((choice, index) => (
            <button
              type="button"
              role="option"
              tabindex={-1}
              id={`choice-${index}`}
              key={choice.label}
              aria-selected={index === active}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(choice)}
            >
              <b>{choice.label}</b> {choice.hint ? <i>{choice.hint}</i> : null}
              <small>{choice.detail}</small>
            </button>
          ))}
        </div>
      ) : null}
      {answering ? (
        <p class="answering">
          <span class="quoted">
            {sayRich('chat.replyingTo', { name: <b>{answering.name}</b>, text: answering.text })}
          </span>
          <button type="button" aria-label={say('chat.dontReply')} onClick={onCancelReply}>
            ✕
          </button>
        </p>
      ) : null}
      <ChosenFiles files={files} onChange={setFiles} />
      <AttachButton onChoose={attach} />
      <label class="visually-hidden" for="say">
        {say('chat.message')}
      </label>
      <textarea
        id="say"
        ref={box}
        rows={1}
        value={text}
        placeholder={say('chat.placeholder')}
        autocomplete="off"
        enterkeyhint="send"
        aria-controls="choices"
        aria-autocomplete="list"
        aria-activedescendant={choices.length > 0 ? `choice-${active}` : undefined}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" class="send" aria-label={say('chat.send')} disabled={!isReady || isSending || isEmpty}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 12 20 4l-5 16-3.5-6.5z" />
        </svg>
      </button>
    </form>
  );
}

/** Commands while the name is typed, then what the bot suggests for the rest of the line. */
function useChoices(
  text: string,
  commands: readonly MenuEntry[],
  onSuggest: (command: string, typed: string) => Promise<readonly Suggestion[]>,
): Choice[] {
  const [fromBot, setFromBot] = useState<readonly Suggestion[]>([]);
  const { command, typed } = wantedName(text, commands) ?? {};
  useEffect(() => {
    setFromBot([]);
    if (command === undefined || typed === undefined) return;
    let isStale = false;
    const timer = setTimeout(() => {
      void onSuggest(command, typed).then((found) => !isStale && setFromBot(found));
    }, 120);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [command, typed]);
  const name = /^\/([a-z]*)$/i.exec(text)?.[1]?.toLowerCase();
  if (name !== undefined) {
    return (
      commands
        .filter((candidate) => candidate.name.startsWith(name))
        // What is typed in full comes first: `/model` must not become `/models`.
        .toSorted((a, b) => Number(b.name === name) - Number(a.name === name))
        .map((candidate) => {
          // Something must follow, or is offered; the others are complete as they are.
          const next = candidate.options.find(({ isRequired, kind }) => isRequired || kind !== 'text');
          return {
            text: `/${candidate.name}${next ? ' ' : ''}`,
            label: `/${candidate.name}`,
            hint: next?.description ?? '',
            detail: candidate.description,
          };
        })
    );
  }
  const choosing = chosenFrom(text, commands);
  if (choosing) return choosing;
  return fromBot.map(({ value, label, detail = '' }) => ({
    text: command === 'ask' ? `/ask --model ${quoted(value)} ` : `/${command ?? ''} ${value}`,
    label,
    hint: '',
    detail,
  }));
}

/** What can be chosen for the first option of a command, as far as it is typed. */
function chosenFrom(text: string, commands: readonly MenuEntry[]): Choice[] | undefined {
  const [, command = '', typed = ''] = /^\/([a-z]+)\s+(\S{0,30})$/i.exec(text) ?? [];
  const [first] = commands.find(({ name }) => name === command.toLowerCase())?.options ?? [];
  if (first?.kind !== 'choice') return undefined;
  return first.choices
    .filter(({ value }) => value.startsWith(typed.toLowerCase()))
    .map(({ value, label }) => ({ text: `/${command} ${value} `, label: value, hint: '', detail: label }));
}

/** The name that is being typed: of a model to ask (`/ask `, `/ask --model te`), or of a model or models after another command. */
function wantedName(text: string, commands: readonly MenuEntry[]): { command: string; typed: string } | undefined {
  const [, flag, model = ''] = /^\/ask\s+(--model[ =]|model:)?"?([^\n"]{0,60})$/i.exec(text) ?? [];
  if (/^\/ask\s/i.test(text)) {
    return flag !== undefined || /^\/ask\s+$/i.test(text) ? { command: 'ask', typed: model } : undefined;
  }
  const [, name = '', typed] = /^\/([a-z]+)\s+([^\n]{0,60})$/i.exec(text) ?? [];
  const command = name.toLowerCase();
  const takesModel = commands.find((each) => each.name === command)?.options.some(({ kind }) => kind === 'model');
  return typed !== undefined && (takesModel || command === 'models') ? { command, typed } : undefined;
}

function quoted(name: string): string {
  if (!/[\s"“”]/.test(name)) return name;
  return name.includes('"') ? `“${name}”` : `"${name}"`;
}
