import { useState } from 'preact/hooks';
import { Logo } from '../../pay/page/shared.tsx';
import { say } from '../../pay/page/words.tsx';
import type { Line } from '../wire.ts';
import { Composer } from './Composer.tsx';
import { Lines } from './Lines.tsx';
import { nameOf, textOf } from './LineView.tsx';
import { Side } from './Side.tsx';
import { useChannel } from './useChannel.ts';

export function ChatPage() {
  const channel = useChannel();
  const [isOpen, setIsOpen] = useState(false);
  const [draft, setDraft] = useState<{ text: string }>();
  const [answering, setAnswering] = useState<Line>();
  const { session, people, lines, isLive, problem } = channel;
  return (
    <div class="layout">
      <header class="bar">
        <button
          type="button"
          class="menu"
          aria-label={say('chat.panel')}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          <Logo />
        </button>
        <h1>
          <span aria-hidden="true">#</span> asks
        </h1>
        <p class="topic">{say('chat.topic')}</p>
        <span class={`live ${isLive ? 'on' : 'off'}`} role="status">
          {isLive ? say('chat.here', { count: Math.max(1, people.here.length) }) : say('chat.reconnecting')}
        </span>
      </header>
      <Side channel={channel} isOpen={isOpen} onClose={() => setIsOpen(false)} />
      <main>
        <Lines
          lines={lines}
          me={session?.me}
          chain={session?.chain}
          canSkip={session?.canSkip ?? false}
          isBusy={people.botIsBusy}
          onPress={channel.press}
          onSkip={channel.skip}
          onReply={setAnswering}
          onExample={(text) => setDraft({ text })}
        />
        {problem ? (
          <div class="problem" role="alert">
            {problem}
            <button type="button" aria-label={say('chat.close')} onClick={channel.forget}>
              ✕
            </button>
          </div>
        ) : null}
        <Composer
          isReady={session !== undefined}
          commands={session?.commands ?? []}
          draft={draft}
          answering={answering && { name: nameOf(answering), text: textOf(answering) }}
          onCancelReply={() => setAnswering(undefined)}
          onSay={async (text, files) => {
            const isSaid = await channel.say(text, files, answering?.id);
            if (isSaid) setAnswering(undefined);
            return isSaid;
          }}
          onSuggest={channel.suggest}
        />
      </main>
    </div>
  );
}
