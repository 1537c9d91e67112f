import { explain } from '../../../contracts/client/ContractError.ts';
import { purseOf } from '../../store/purses.ts';
import { createRequest } from '../../store/requests.ts';
import { depositAddress } from '../money/depositAddress.ts';
import { requestUrl } from '../money/requestMessage.ts';
import { groupOf } from '../purse/Purse.ts';
import { lines, paragraphs } from '../Words.ts';
import type { Command } from './Command.ts';
import { tokenOf } from './money.ts';

/** Where anybody puts money into the group's purse: a page for wallets, an address for every other way. For the whole group to see. */
export const topup: Command = {
  name: 'topup',
  description: 'topup.description',
  options: [{ name: 'token', description: 'money.token', kind: 'text', isText: true }],
  isPrivate: false,
  async run(context, event, t) {
    const group = groupOf(event);
    if (!group) return { note: { text: t('purse.noGroup') } };
    const { store, links, market, now } = context;
    const purse = await purseOf(store.db, group);
    if (!purse) return { note: { text: t('purse.none') } };
    const token = await tokenOf(context, topup, event, t);
    if (typeof token !== 'string') return token;
    const { account } = purse;
    try {
      const [address, { symbol }] = await Promise.all([depositAddress(context, account), market.tokenInfo(token)]);
      const request = { type: 'deposit', token, account } as const;
      const stored = await store.commit((db) => createRequest(db, event.person, request, now()));
      return {
        note: {
          text: paragraphs(
            t('topup.about'),
            lines(t('topup.address', { address, chain: market.chainId }), t('topup.owner')),
            ...(links.localOnly ? [t('request.localOnly')] : []),
          ),
          buttons: [{ type: 'link', label: t('topup.button', { symbol }), url: requestUrl(links, stored.token) }],
        },
      };
    } catch (error) {
      context.log.warn({ err: error, code: explain(error).code }, 'a purse could not be read');
      return { note: { text: t('money.chainUnreachable') } };
    }
  },
};
