import { useMemo } from 'preact/hooks';
import { Answer, Html, Icon, Steps } from '../../pay/page/shared.tsx';
import { stepsOf } from '../../pay/page/steps.ts';
import { say } from '../../pay/page/words.tsx';
import type { ChainInfo } from '../../pay/server/wire.ts';
import type { Line, LineButton, LineFile } from '../wire.ts';
import { Avatar } from './Avatar.tsx';
import { Skip } from './Side.tsx';

type LineProps = {
  line: Line;
  isGrouped: boolean;
  repliesTo: Line | undefined;
  me: { id: string; name: string } | undefined;
  chain: ChainInfo | undefined;
  canSkip: boolean;
  onPress: (message: number, data: string) => Promise<void>;
  onSkip: () => Promise<void>;
  onReply: (line: Line) => void;
};

export function LineView({ line, isGrouped, repliesTo, me, chain, canSkip, onPress, onSkip, onReply }: LineProps) {
  const name = nameOf(line);
  const classes = ['line', isGrouped && 'grouped', line.onlyForYou && 'private', line.type === 'bot' && 'from-bot'];
  return (
    <article class={classes.filter(Boolean).join(' ')} id={`line-${line.id}`} aria-label={`${name}, ${clock(line.at)}`}>
      {repliesTo ? <Reply to={repliesTo} /> : null}
      {isGrouped ? (
        <Clock class="gutter" at={line.at} />
      ) : line.author ? (
        <Avatar id={line.author.id} name={name} />
      ) : (
        <Avatar />
      )}
      <div class="content">
        {isGrouped ? null : (
          <header>
            <b>{name}</b>
            {line.type === 'bot' ? (
              <small class="tag">{say('chat.bot')}</small>
            ) : line.author?.id === me?.id ? (
              <small class="tag">{say('chat.you')}</small>
            ) : null}
            <Clock class="clock" at={line.at} />
          </header>
        )}
        {line.type === 'person' ? (
          <Said text={line.text} files={line.files ?? []} />
        ) : (
          <BotLine line={line} {...{ chain, canSkip, onPress, onSkip, onReply }} />
        )}
        {line.onlyForYou ? (
          <p class="private-note">
            <Icon name="eye" /> {say('chat.onlyYou')}
          </p>
        ) : null}
      </div>
      <button
        type="button"
        class="reply-to"
        aria-label={say('chat.replyTo', { name })}
        title={say('chat.reply')}
        onClick={() => onReply(line)}
      >
        <Icon name="reply" />
      </button>
    </article>
  );
}

function Said({ text, files }: { text: string; files: readonly string[] }) {
  const [, command, rest] = /^(\/[a-z][a-z0-9_-]*)([\s\S]*)$/i.exec(text) ?? [];
  return (
    <>
      {text === '' ? null : (
        <p class="said">
          {command === undefined ? text : <span class="command">{command}</span>}
          {rest}
        </p>
      )}
      {files.map((name) => (
        <p class="said" key={name}>
          <Icon name="clip" /> {name}
        </p>
      ))}
    </>
  );
}

function BotLine({
  line,
  chain,
  canSkip,
  onPress,
  onSkip,
  onReply,
}: Pick<LineProps, 'chain' | 'canSkip' | 'onPress' | 'onSkip' | 'onReply'> & { line: Extract<Line, { type: 'bot' }> }) {
  const status = line.standing?.status;
  // A pay link ends by the bot's own clock, everything after it happens by the chain's.
  const skew = useMemo(() => {
    const { standing } = line;
    return standing && standing.status.state !== 'awaiting' ? standing.chainNow - Math.floor(Date.now() / 1000) : 0;
  }, [line.standing]);
  const isCard = status !== undefined || line.answerHtml !== undefined;
  const body = (
    <>
      {line.html === '' ? null : <Html class="words" html={line.html} />}
      {status && status.state !== 'expired' ? <Steps steps={stepsOf(status)} chain={chain} skew={skew} /> : null}
      {line.answerHtml === undefined ? null : <Answer html={line.answerHtml} />}
      {line.file ? <Attached file={line.file} /> : null}
      {line.footerHtml === undefined ? null : <Html class="footer" html={line.footerHtml} />}
      {line.buttons.length > 0 || line.answerHtml !== undefined ? (
        <div class="buttons">
          {line.buttons.map((button) => (
            <LineButtonView
              key={button.label}
              button={button}
              isMain={status?.state === 'awaiting'}
              onPress={(data) => onPress(line.id, data)}
            />
          ))}
          {line.answerHtml === undefined ? null : (
            <button type="button" class="button small" onClick={() => onReply(line)}>
              <Icon name="reply" /> {say('chat.further')}
            </button>
          )}
          {canSkip && status?.state === 'reported' ? <Skip onSkip={onSkip} /> : null}
        </div>
      ) : null}
    </>
  );
  return isCard ? <div class={`card ${status?.state ?? ''}`}>{body}</div> : body;
}

function Attached({ file: { name, href, alt } }: { file: LineFile }) {
  if (alt !== undefined) return <img class="picture" src={href} alt={alt} />;
  return (
    <a class="attached" href={href} download={name}>
      <Icon name="clip" /> {name}
    </a>
  );
}

function LineButtonView({
  button,
  isMain,
  onPress,
}: {
  button: LineButton;
  isMain: boolean;
  onPress: (data: string) => void;
}) {
  if (button.type === 'press') {
    return (
      <button type="button" class="button" onClick={() => onPress(button.data)}>
        {button.label}
      </button>
    );
  }
  const url = URL.canParse(button.url) ? new URL(button.url) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return <span class="button">{button.label}</span>;
  // A pay page of our own takes up this window's test wallet, which only an opener hands on.
  const isOwn = url.origin === location.origin;
  return (
    <a
      class={isMain ? 'button primary' : 'button'}
      href={url.href}
      target="_blank"
      rel={isOwn ? 'opener' : 'noopener noreferrer'}
    >
      {button.label} <span aria-hidden="true">↗</span>
      <span class="visually-hidden">, {say('chat.newWindow')}</span>
    </a>
  );
}

function Reply({ to }: { to: Line }) {
  return (
    <a class="reply" href={`#line-${to.id}`}>
      <b>{nameOf(to)}</b> {textOf(to)}
    </a>
  );
}

export function nameOf(line: Line): string {
  return line.author?.name ?? 'AI Marketplace';
}

/** The beginning of a line, without its layout. */
export function textOf(line: Line): string {
  if (line.type === 'person') return [line.text, ...(line.files ?? [])].join(' ').trim().slice(0, 120);
  const body = new DOMParser().parseFromString(line.answerHtml ?? line.html, 'text/html').body;
  return (body.textContent ?? '').slice(0, 120);
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function Clock({ at, class: name }: { at: number; class: string }) {
  return (
    <time class={name} dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
      {clock(at)}
    </time>
  );
}
