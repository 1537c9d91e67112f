import { useId, useState } from 'preact/hooks';
import type { ChainInfo, PayView } from '../server/wire.ts';
import { ApiError, api } from './api.ts';
import { QrCode } from './QrCode.tsx';
import { Copy, short } from './shared.tsx';

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
      <summary>Or pay by an ordinary transfer, from any wallet or exchange</summary>
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
      setProblem(error instanceof ApiError ? error.message : 'Something unexpected happened. Reload the page.');
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
        <label for={id}>Whose is any rest, and the money if there is no answer?</label>
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
          The address of a wallet whose key is yours, never one of an exchange: it alone can take such money out.
        </small>
      </div>
      {problem ? (
        <p class="note bad" role="alert">
          {problem}
        </p>
      ) : null}
      <button type="submit" class="button" disabled={isBusy || owner.trim() === ''}>
        {isSet ? 'Use this address instead' : 'Show where to send it'}
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
      <p>
        Send <b>{view.page.priceText}</b> on <b>{chain.name}</b> to this address. The question goes out by itself as
        soon as it is there; mind that exchanges take their fee from what you send.
      </p>
      <QrCode text={transfer.address} label={`QR code of the address ${transfer.address}`} />
      <p class="address">
        <code>{transfer.address}</code>
        <Copy value={transfer.address} />
      </p>
      {transfer.note ? <p class="note now">{transfer.note}</p> : <p class="muted">Nothing has arrived yet.</p>}
      <p class="muted">
        Any rest, another token, or what comes too late goes to the account of {short(transfer.owner)}. This address is
        for this one question.
      </p>
    </div>
  );
}
