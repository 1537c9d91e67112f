import type { TransferTo } from '../../request/types.ts';
import type { ChainInfo, Wire } from '../../server/wire.ts';
import { QrCode } from '../QrCode.tsx';
import { Copy } from '../shared.tsx';

/** An ordinary transfer, for any wallet or exchange. */
export function Transfer({ to, chain }: { to: Wire<TransferTo>; chain: ChainInfo }) {
  return (
    <details class="card transfer">
      <summary>Or send it by an ordinary transfer, from any wallet or exchange</summary>
      <p>
        Whatever arrives here, {to.token} or another token, goes to the account of <b>{to.account}</b> by itself within
        a minute or so{to.least ? ` (less than ${to.least} only once more has come)` : ''}. Send it on{' '}
        <b>{chain.name}</b> only.
      </p>
      <QrCode text={to.address} label={`QR code of the address ${to.address}`} />
      <p class="address">
        <code>{to.address}</code>
        <Copy value={to.address} />
      </p>
    </details>
  );
}
