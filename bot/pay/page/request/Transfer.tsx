import type { TransferTo } from '../../request/types.ts';
import type { ChainInfo, Wire } from '../../server/wire.ts';
import { QrCode } from '../QrCode.tsx';
import { Copy } from '../shared.tsx';
import { say, sayRich } from '../words.tsx';

/** An ordinary transfer, for any wallet or exchange. */
export function Transfer({ to, chain }: { to: Wire<TransferTo>; chain: ChainInfo }) {
  return (
    <details class="card transfer">
      <summary>{say('page.transfer')}</summary>
      <p>
        {sayRich('page.transferHow', { token: to.token, account: <b>{to.account}</b>, chain: <b>{chain.name}</b> })}
        {to.least ? ` ${say('page.transferLeast', { least: to.least })}` : null}
      </p>
      <QrCode text={to.address} label={say('page.qrAddress', { address: to.address })} />
      <p class="address">
        <code>{to.address}</code>
        <Copy value={to.address} />
      </p>
    </details>
  );
}
