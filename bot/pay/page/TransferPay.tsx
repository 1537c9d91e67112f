import { useId, useState } from 'preact/hooks';
import type { ChainInfo, PayView } from '../server/wire.ts';
import { ApiError, api } from './api.ts';
import { QrCode } from './QrCode.tsx';
import { refusedText } from './refusedText.ts';
import { Copy, short } from './shared.tsx';
import { say, sayRich } from './words.tsx';

type Place = { root: URL; token: string };

/** Paying by an ordinary transfer: first whose any rest is, then where to send it. */
export function TransferPay({
  place,
  view,
  chain,
  account,
}: {
  place: Place;
  view: PayView;
  chain: ChainInfo;
  account: string | undefined;
}) {
  const { transfer } = view;
  return (
    <details class="transfer-pay" open={transfer !== undefined}>
      <summary>{say('page.transferPay.summary')}</summary>
      {transfer ? <SendTo transfer={transfer} view={view} chain={chain} /> : null}
      <OwnerForm
        key={transfer?.owner}
        place={place}
        first={transfer?.owner ?? account ?? ''}
        isSet={transfer !== undefined}
      />
    </details>
  );
}

function OwnerForm({ place, first, isSet }: { place: Place; first: string; isSet: boolean }) {
  const id = useId();
  const [owner, setOwner] = useState(first);
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const submit = async () => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      await api(place.root, `api/pay/${place.token}/transfer`, { owner: owner.trim() });
    } catch (error) {
      setProblem(error instanceof ApiError ? refusedText(error) : say('page.unexpected'));
    }
    setIsBusy(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div class="field">
        <label for={id}>{say('page.transferPay.owner')}</label>
        <input
          id={id}
          value={owner}
          placeholder="0x…"
          autocomplete="off"
          spellcheck={false}
          aria-describedby={`${id}-hint`}
          onInput={({ currentTarget }) => setOwner(currentTarget.value)}
        />
        <small id={`${id}-hint`} class="hint">
          {say('page.transferPay.ownerHint')}
        </small>
      </div>
      {problem ? (
        <p class="note bad" role="alert">
          {problem}
        </p>
      ) : null}
      <button type="submit" class="button" disabled={isBusy || owner.trim() === ''}>
        {say(isSet ? 'page.transferPay.useInstead' : 'page.transferPay.show')}
      </button>
    </form>
  );
}

function SendTo({
  transfer,
  view,
  chain,
}: {
  transfer: NonNullable<PayView['transfer']>;
  view: PayView;
  chain: ChainInfo;
}) {
  return (
    <div aria-live="polite">
      <p>{sayRich('page.transferPay.send', { price: <b>{view.page.priceText}</b>, chain: <b>{chain.name}</b> })}</p>
      <QrCode text={transfer.address} label={say('page.qrAddress', { address: transfer.address })} />
      <p class="address">
        <code>{transfer.address}</code>
        <Copy value={transfer.address} />
      </p>
      {transfer.note ? <p class="note now">{transfer.note}</p> : <p class="muted">{say('page.transferPay.none')}</p>}
      <p class="muted">{say('page.transferPay.rest', { account: short(transfer.owner) })}</p>
    </div>
  );
}
