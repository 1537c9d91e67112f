import { useEffect, useState } from 'preact/hooks';
import type { ChainInfo } from '../server/wire.ts';
import type { StepView } from './steps.ts';

/** `0x12ab…cd34` */
export function short(value: string): string {
  return value.length > 14 ? `${value.slice(0, 6)}…${value.slice(-4)}` : value;
}

export function randomId(): string {
  return crypto.randomUUID().replaceAll('-', '');
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

/** A hash or address: a link to the explorer where there is one, and always a way to copy the whole. */
export function Hash({ value, kind, chain }: { value: string; kind: 'tx' | 'address'; chain?: ChainInfo | undefined }) {
  return (
    <span class="hash-group">
      {chain?.explorer ? (
        <a href={`${chain.explorer}/${kind}/${value}`} target="_blank" rel="noopener noreferrer" title={value}>
          {short(value)}
        </a>
      ) : null}
      <button
        type="button"
        class="hash"
        data-copy={value}
        title={`Copy ${value}`}
        aria-label={`Copy ${kind === 'tx' ? 'transaction' : 'address'} ${short(value)}`}
      >
        {chain?.explorer ? '⧉' : short(value)}
      </button>
    </span>
  );
}

/** An ask's life as a line of stations. */
export function Steps({ steps, chain }: { steps: readonly StepView[]; chain?: ChainInfo | undefined }) {
  return (
    <ol class="steps" aria-label="Progress">
      {steps.map((step) => (
        <li key={step.label} class={`step ${step.state}`} aria-current={step.state === 'now' ? 'step' : undefined}>
          <span class="dot" aria-hidden="true">
            {step.state === 'done' ? '✓' : step.state === 'bad' ? '!' : ''}
          </span>
          <span class="step-label">{step.label}</span>
          <span class="step-detail">
            {step.transaction ? <Hash value={step.transaction} kind="tx" chain={chain} /> : null}
            {step.state === 'now' && step.until ? <Until at={step.until} /> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** How long until then, counted down. */
export function Until({ at, prefix = '' }: { at: number; prefix?: string }) {
  const now = useNow();
  const left = at - now;
  return (
    <time dateTime={new Date(at * 1000).toISOString()}>
      {left > 0 ? `${prefix}${durationText(left)}` : 'any moment'}
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
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes}:${String(seconds % 60).padStart(2, '0')} min` : `${seconds} s`;
}

/** A person's or model's Markdown that the server made safe. */
export function Html({ html, class: name }: { html: string; class: string }) {
  // The server's renderer writes a whitelist of tags and escapes everything else (bot/local/html.ts).
  return <div class={`markdown ${name}`} dangerouslySetInnerHTML={{ __html: html }} />;
}
