import { Fragment } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { say, sayRich } from '../../pay/page/words.tsx';
import type { ChainInfo } from '../../pay/server/wire.ts';
import type { Line } from '../wire.ts';
import { LineView } from './LineView.tsx';

/** Lines of one author within this time stand under one name. */
const groupMs = 5 * 60_000;

type LinesProps = {
  lines: readonly Line[];
  me: { id: string; name: string } | undefined;
  chain: ChainInfo | undefined;
  canSkip: boolean;
  isBusy: boolean;
  onPress: (message: number, data: string) => Promise<void>;
  onSkip: () => Promise<void>;
  onReply: (line: Line) => void;
  onExample: (text: string) => void;
};

/** The channel's lines; stays at the newest one unless somebody reads further up. */
export function Lines({ lines, isBusy, onExample, ...rest }: LinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [unread, setUnread] = useState(false);
  const lastId = lines.at(-1)?.id;
  const toEnd = () => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
    isAtEnd.current = true;
    setUnread(false);
  };

  useLayoutEffect(() => {
    if (isAtEnd.current) toEnd();
  }, [lines, isBusy]);
  useEffect(() => {
    if (lastId !== undefined && !isAtEnd.current) setUnread(true);
  }, [lastId]);
  useEffect(() => {
    const onResize = () => isAtEnd.current && toEnd();
    window.addEventListener('resize', onResize);
    return () => window.removeEventListener('resize', onResize);
  });

  const byId = new Map(lines.map((line) => [line.id, line]));
  return (
    <div class="lines-frame">
      <div
        class="lines"
        role="log"
        aria-label={say('chat.messages')}
        aria-live="polite"
        aria-relevant="additions"
        tabindex={0}
        ref={box}
        onScroll={() => {
          const element = box.current;
          if (!element) return;
          isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
          if (isAtEnd.current) setUnread(false);
        }}
      >
        {lines.length === 0 ? <Welcome onExample={onExample} /> : null}
        {lines.map((line, index) => {
          const before = lines[index - 1];
          const isNewDay = !before || new Date(before.at).toDateString() !== new Date(line.at).toDateString();
          const isGrouped =
            !isNewDay &&
            before.author?.id === line.author?.id &&
            before.onlyForYou === line.onlyForYou &&
            line.at - before.at < groupMs &&
            line.replyTo === undefined;
          return (
            <Fragment key={line.id}>
              {isNewDay ? <Day at={line.at} /> : null}
              <LineView
                line={line}
                isGrouped={isGrouped}
                repliesTo={
                  line.replyTo === undefined || (line.type === 'bot' && line.replyTo === before?.id)
                    ? undefined
                    : byId.get(line.replyTo)
                }
                {...rest}
              />
            </Fragment>
          );
        })}
        {isBusy ? (
          <p class="typing">
            <span class="dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {say('chat.typing')}
          </p>
        ) : null}
      </div>
      {unread ? (
        <button type="button" class="to-end" onClick={toEnd}>
          {say('chat.new')} ↓
        </button>
      ) : null}
    </div>
  );
}

function Day({ at }: { at: number }) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return (
    <div class="day">
      <span>
        {isToday
          ? say('chat.today')
          : date.toLocaleDateString(document.documentElement.lang, { weekday: 'long', day: 'numeric', month: 'long' })}
      </span>
    </div>
  );
}

function Welcome({ onExample }: { onExample: (text: string) => void }) {
  return (
    <div class="welcome">
      <h2>{say('chat.welcomeTitle')}</h2>
      <p>{sayRich('chat.welcome', { command: <kbd>/ask</kbd> })}</p>
      <div class="buttons">
        {[`/ask ${say('chat.example')}`, '/models', '/help'].map((text) => (
          <button type="button" class="button" key={text} onClick={() => onExample(text)}>
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}
