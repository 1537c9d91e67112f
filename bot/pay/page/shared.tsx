import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ChainInfo } from '../server/wire.ts';
import type { StepView } from './steps.ts';
import { say } from './words.tsx';

/** `0x12ab…cd34` */
export function short(value: string): string {
  return value.length > 14 ? `${value.slice(0, 6)}…${value.slice(-4)}` : value;
}

export function randomId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

/** This window's id, kept over reloads. */
export function storedId(name: string): string {
  const id = sessionStorage.getItem(name) ?? randomId();
  sessionStorage.setItem(name, id);
  return id;
}

/** Copies what is named by `data-copy`, or the code beside a `data-copy-code` button. One listener for the whole page. */
export function copyOnClick(): void {
  document.addEventListener('click', (event) => {
    const button =
      event.target instanceof Element ? event.target.closest<HTMLElement>('[data-copy], [data-copy-code]') : null;
    if (!button) return;
    const text = button.dataset['copy'] ?? button.closest('.code')?.querySelector('code')?.textContent ?? '';
    void navigator.clipboard?.writeText(text).then(
      () => announceCopy(button),
      () => undefined,
    );
  });
}

function announceCopy(button: HTMLElement): void {
  button.classList.add('copied');
  setTimeout(() => button.classList.remove('copied'), 1_200);
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M8 10.5A2.5 2.5 0 0 1 10.5 8h11A2.5 2.5 0 0 1 24 10.5v7a2.5 2.5 0 0 1-2.5 2.5H16l-4.5 4v-4h-1A2.5 2.5 0 0 1 8 17.5z" />
      <circle cx="12.5" cy="14" r="1.5" />
      <circle cx="16" cy="14" r="1.5" />
      <circle cx="19.5" cy="14" r="1.5" />
    </svg>
  );
}

const icons = {
  reply: 'M10 8V4l-7 7 7 7v-4c5 0 8.5 1.6 11 5-1-5-4-10-11-11z',
  skip: 'M4 6v12l8-6zm9 0v12l8-6z',
  flask: 'M9 2v2h1v5.2L4.3 18.9A2 2 0 0 0 6 22h12a2 2 0 0 0 1.7-3.1L14 9.2V4h1V2zm3 8 2.9 5H9.1z',
  eye: 'M12 5C7 5 2.7 8.1 1 12c1.7 3.9 6 7 11 7s9.3-3.1 11-7c-1.7-3.9-6-7-11-7zm0 11a4 4 0 1 1 0-8 4 4 0 0 1 0 8z',
  pencil: 'M3 17.25V21h3.75L17.8 9.9l-3.7-3.7zM20.7 7a1 1 0 0 0 0-1.4l-2.3-2.3a1 1 0 0 0-1.4 0l-1.8 1.8 3.7 3.7z',
  clip: 'M16.5 6v11.5a4 4 0 0 1-8 0V5a2.5 2.5 0 0 1 5 0v10.5a1 1 0 0 1-2 0V6H10v9.5a2.5 2.5 0 0 0 5 0V5a4 4 0 0 0-8 0v12.5a5.5 5.5 0 0 0 11 0V6z',
} as const;

/** One of the pages' own drawings: not every machine has a font with pictures. */
export function Icon({ name }: { name: keyof typeof icons }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={icons[name]} />
    </svg>
  );
}

/** A hash or address: a link to the explorer where there is one, and always a way to copy the whole. */
export function Hash({
  value,
  kind,
  chain,
  isTight = false,
}: {
  value: string;
  kind: 'tx' | 'address';
  chain?: ChainInfo | undefined;
  isTight?: boolean;
}) {
  const shown = isTight ? `${value.slice(0, 6)}…` : short(value);
  return (
    <span class="hash-group">
      {chain?.explorer ? (
        <a href={`${chain.explorer}/${kind}/${value}`} target="_blank" rel="noopener noreferrer" title={value}>
          {shown}
        </a>
      ) : null}
      <button
        type="button"
        class="hash"
        data-copy={value}
        title={value}
        aria-label={
          kind === 'tx'
            ? say('page.copyTransaction', { hash: short(value) })
            : say('page.copyAddress', { address: short(value) })
        }
      >
        {chain?.explorer ? '⧉' : shown}
      </button>
    </span>
  );
}

/** Beside an address that is written out: copies it. */
export function Copy({ value }: { value: string }) {
  return (
    <button
      type="button"
      class="hash"
      data-copy={value}
      aria-label={say('page.copyAddress', { address: short(value) })}
    >
      {say('page.copy')}
    </button>
  );
}

/** An ask's life as a line of stations. `skew`: seconds by which the clock of their times is ahead of this machine's. */
export function Steps({
  steps,
  chain,
  skew = 0,
}: {
  steps: readonly StepView[];
  chain?: ChainInfo | undefined;
  skew?: number;
}) {
  const current = steps.findLast(({ state }) => state !== 'todo');
  return (
    <>
      <ol class="steps" aria-label={say('page.step.progress')}>
        {steps.map((step) => (
          <li key={step.label} class={`step ${step.state}`} aria-current={step.state === 'now' ? 'step' : undefined}>
            <span class="dot" aria-hidden="true">
              {step.state === 'done' ? '✓' : step.state === 'bad' ? '!' : ''}
            </span>
            <span class="step-label">{step.label}</span>
            <span class="step-detail">
              {step.transaction ? <Hash value={step.transaction} kind="tx" chain={chain} isTight /> : null}
              {step.state === 'now' && step.until ? <Until at={step.until} skew={skew} /> : null}
            </span>
          </li>
        ))}
      </ol>
      <p class="visually-hidden" role="status">
        {current ? `${current.label}${current.detail ? `: ${current.detail}` : ''}` : ''}
      </p>
    </>
  );
}

/** How long until then, counted down. */
export function Until({ at, skew }: { at: number; skew: number }) {
  const left = at - (useNow() + skew);
  return (
    <time dateTime={new Date(at * 1000).toISOString()}>
      {left > 0 ? durationText(left) : say('page.time.anyMoment')}
    </time>
  );
}

/** Unix seconds, moving. */
export function useNow(): number {
  const [now, setNow] = useState(() => Math.floor(Date.now() / 1000));
  useEffect(() => {
    const timer = setInterval(() => setNow(Math.floor(Date.now() / 1000)), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function durationText(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours >= 48) return say('page.time.days', { days: Math.floor(hours / 24) });
  if (hours > 0) return say('page.time.hours', { hours, minutes });
  if (minutes === 0) return say('page.time.seconds', { seconds });
  return say('page.time.minutes', { minutes: `${minutes}:${String(seconds % 60).padStart(2, '0')}` });
}

/** A person's or model's Markdown that the server made safe. */
export function Html({ html, class: name }: { html: string; class: string }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    for (const time of box.current?.querySelectorAll('time') ?? []) time.textContent = inReadersClock(time);
  }, [html]);
  // The server's renderer writes a whitelist of tags and escapes everything else (bot/local/html.ts).
  return <div class={`markdown ${name}`} ref={box} dangerouslySetInnerHTML={{ __html: html }} />;
}

function inReadersClock({ dateTime, dataset }: HTMLTimeElement): string {
  const day = dataset['style'] === 't' ? {} : ({ day: 'numeric', month: 'short' } as const);
  return new Date(dateTime).toLocaleString(undefined, { ...day, hour: '2-digit', minute: '2-digit' });
}

/** Above this many characters of HTML an answer is folded at first. */
const longAnswer = 7_000;

/** A model's answer; a very long one does not bury what stands below it. */
export function Answer({ html }: { html: string }) {
  const [isOpen, setIsOpen] = useState(false);
  if (html.length < longAnswer) return <Html class="answer" html={html} />;
  return (
    <>
      <Html class={isOpen ? 'answer' : 'answer folded'} html={html} />
      <button type="button" class="button unfold" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {say(isOpen ? 'page.showLess' : 'page.showAnswer')}
      </button>
    </>
  );
}
