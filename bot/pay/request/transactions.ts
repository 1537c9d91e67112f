import { wordsFor } from '../../core/Wording.ts';
import { finishRequest } from '../../store/requests.ts';
import { sendingStep } from './common.ts';
import { type Handler, refuse, resultOf } from './types.ts';
import { shortAddress } from './words.ts';

/** Plain transactions that a wallet sends one after the other, described beforehand. */
export const transactions: Handler<'transactions'> = {
  async view({ t }, { title, facts, worst, calls }) {
    return {
      title: wordsFor(title, t),
      text: [t('do.transactions.text', { count: calls.length })],
      facts: facts.map(({ label, value }) => ({ label: wordsFor(label, t), value: wordsFor(value, t) })),
      fields: [],
      worst: wordsFor(worst, t),
      action: t('do.transactions.action'),
    };
  },

  async advance({ context, t }, { calls, sender, done }, { wallet, stored, results }) {
    if (sender && sender !== wallet) {
      return refuse('notOwner', t('do.transactions.sender', { wallet: shortAddress(sender) }));
    }
    const index = calls.findIndex((_, place) => !resultOf(results, `call${place}`));
    const call = calls[index];
    if (call) {
      return sendingStep(`call${index}`, wordsFor(call.what, t), call, { count: index + 1, of: calls.length });
    }
    const message = wordsFor(done, t);
    await context.store.commit((db) => finishRequest(db, stored.token, message));
    return { ok: true, type: 'done', message, next: [] };
  },
};
