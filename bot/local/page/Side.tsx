import { useEffect, useState } from 'preact/hooks';
import { Hash, Icon, Logo } from '../../pay/page/shared.tsx';
import { say, sayRich } from '../../pay/page/words.tsx';
import { Avatar } from './Avatar.tsx';
import type { ChannelActions, ChannelState } from './useChannel.ts';

/** Who is here and which chain this is; on a phone it slides over the channel. */
export function Side({
  channel,
  isOpen,
  onClose,
}: {
  channel: ChannelState & ChannelActions;
  isOpen: boolean;
  onClose: () => void;
}) {
  const { session, people } = channel;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && onClose();
    if (isOpen) document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [isOpen, onClose]);
  const others = people.here.filter(({ id }) => id !== session?.me.id);
  return (
    <>
      {isOpen ? <button type="button" class="veil" aria-label={say('chat.closePanel')} onClick={onClose} /> : null}
      <aside class={isOpen ? 'side open' : 'side'} aria-label={say('chat.panel')}>
        <div class="brand">
          <Logo />
          <div>
            <strong>AI Marketplace</strong>
            <small>{say('chat.tagline')}</small>
          </div>
        </div>
        <h2>{say('chat.people')}</h2>
        <ul class="people">
          {session ? (
            <li>
              <Avatar id={session.me.id} name={session.me.name} />
              <Me name={session.me.name} onRename={channel.rename} />
            </li>
          ) : null}
          {others.map(({ id, name }) => (
            <li key={id}>
              <Avatar id={id} name={name} />
              <span class="name">{name}</span>
            </li>
          ))}
          <li>
            <Avatar />
            <span class="name">
              AI Marketplace <small class="tag">{say('chat.bot')}</small>
            </span>
          </li>
        </ul>
        {session?.chain ? (
          <section class="chain" aria-label={say('chat.chain')}>
            <h2>{say('chat.chain')}</h2>
            <p>
              <b>{session.chain.name}</b> <small class="id">{say('chat.chainId', { id: session.chain.id })}</small>
            </p>
            <p>
              {sayRich('chat.market', {
                contract: <Hash value={session.chain.market} kind="address" chain={session.chain} />,
              })}
            </p>
            {session.canSkip ? (
              <>
                <Skip onSkip={channel.skip} />
                <small>{say('chat.skipHint')}</small>
              </>
            ) : null}
          </section>
        ) : null}
      </aside>
    </>
  );
}

/** Puts the embedded chain's clock forward. */
export function Skip({ onSkip }: { onSkip: () => Promise<void> }) {
  const [isBusy, setIsBusy] = useState(false);
  return (
    <button
      type="button"
      class="button small skip"
      disabled={isBusy}
      onClick={() => {
        setIsBusy(true);
        void onSkip().finally(() => setIsBusy(false));
      }}
    >
      <Icon name="skip" /> {say(isBusy ? 'chat.skipping' : 'chat.skip')}
    </button>
  );
}

function Me({ name, onRename }: { name: string; onRename: (name: string) => Promise<boolean> }) {
  const [draft, setDraft] = useState<string>();
  if (draft === undefined) {
    return (
      <span class="name">
        {name} <small class="tag">{say('chat.you')}</small>
        <button
          type="button"
          class="rename"
          aria-label={say('chat.rename')}
          title={say('chat.rename')}
          onClick={() => setDraft(name)}
        >
          <Icon name="pencil" />
        </button>
      </span>
    );
  }
  return (
    <form
      class="name"
      onSubmit={(event) => {
        event.preventDefault();
        void onRename(draft).then((isDone) => isDone && setDraft(undefined));
      }}
    >
      <input
        aria-label={say('chat.yourName')}
        value={draft}
        maxLength={32}
        ref={(input) => input?.focus()}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && setDraft(undefined)}
        onBlur={() => setDraft(undefined)}
      />
    </form>
  );
}
