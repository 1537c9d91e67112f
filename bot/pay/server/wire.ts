import { formatUnits } from 'ethers';
import type { Address, Hex } from '../../../contracts/client/Hex.ts';
import type { Translate } from '../../core/I18n.ts';
import type { AskView } from '../../core/types.ts';

/** The JSON form of a value: bigints as decimal strings. */
export type Wire<Value> = Value extends bigint
  ? string
  : Value extends string | number | boolean | undefined | null
    ? Value
    : Value extends readonly (infer Item)[]
      ? Wire<Item>[]
      : { [Key in keyof Value]: Wire<Value[Key]> };

export function toWire<Value>(value: Value): Wire<Value> {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)),
  ) as Wire<Value>;
}

/** The chain as a page shows it and as a wallet adds it (EIP-3085). `rpcUrls` are ones that the asker's browser can reach. */
export type ChainInfo = {
  id: number;
  name: string;
  rpcUrls: readonly string[];
  /** Base of a block explorer, without a slash at the end. */
  explorer?: string;
  coin: { name: string; symbol: string; decimals: number };
  market: Address;
};

/** An ask as the pay page gets it. */
export type PayView = Wire<AskView> & {
  page: {
    priceText: string;
    /** Where it was asked, in words. */
    place: string;
    /** A payment under way, at this window or another. */
    payment?: { here: boolean; stage: 'prepared' | 'sent'; hash?: Hex };
    /** The answer, safe to put into the page. */
    answerHtml?: string;
    /** The server's clock, and the chain's, which a skip puts forward; unix seconds. */
    now: number;
    chainNow: number;
  };
};

export function priceText({ amount, decimals, symbol }: AskView['price'], t: Translate): string {
  return amount === 0n ? t('price.free') : `${formatUnits(amount, decimals).replace(/\.0$/, '')} ${symbol}`;
}

/** Who and where without the platform's numbers: the page shows names only. */
export function withoutIds(view: AskView): AskView {
  return { ...view, chat: { platform: view.chat.platform, id: '' }, person: { ...view.person, id: '' } };
}
