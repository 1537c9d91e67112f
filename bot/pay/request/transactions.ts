import { finishRequest } from '../../store/requests.ts';
import { sendingStep } from './common.ts';
import { type Handler, refuse, resultOf } from './types.ts';
import { shortAddress } from './words.ts';

/** Plain transactions that a wallet sends one after the other, described beforehand. */
export const transactions: Handler<'transactions'> = {
  async view({ t }, { title, facts, worst, calls }) {
    return {
      title,
      text: [t('do.transactions.text', { count: calls.length })],
      facts,
      fields: [],
      worst,
      action: t('do.transactions.action'),
    };
  },

  async advance({ context, t }, { calls, sender, done }, { wallet, stored, results }) {
    if (sender && sender !== wallet) {
      return refuse('notOwner', t('do.transactions.sender', { wallet: shortAddress(sender) }));
    }
    const index = calls.findIndex((_, place) => !resultOf(results, `call${place}`));
    const call = calls[index];
    if (call) return sendingStep(`call${index}`, call.what, call, { count: index + 1, of: calls.length });
    await context.store.commit((db) => finishRequest(db, stored.token, done));
    return { ok: true, type: 'done', message: done, next: [] };
  },
};
