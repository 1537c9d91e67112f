import { draftAsk } from '../Draft.ts';
import { compose } from '../Question.ts';
import { argumentsOf, type Command } from './Command.ts';

/** A question: drafted, priced, and shown with the way to pay for it. */
export const ask: Command = {
  name: 'ask',
  description: 'ask.description',
  options: [
    { name: 'prompt', description: 'ask.prompt', kind: 'text', isText: true },
    { name: 'model', description: 'ask.model', kind: 'model' },
    { name: 'file', description: 'ask.file', kind: 'file' },
    { name: 'system', description: 'ask.system', kind: 'text' },
  ],
  isPrivate: false,
  async run(context, event, t) {
    const { prompt: text = '', model, system } = argumentsOf(ask, event);
    const composed = compose({ text, system, files: event.attachments ?? [] }, t);
    if (!composed.ok) return { note: { text: composed.message } };
    const { prompt, script } = composed;
    const draft = await draftAsk(context, {
      chat: event.chat,
      person: event.person,
      language: t.language,
      prompt,
      ...(script !== undefined && { script }),
      ...(model !== undefined && { model }),
      ...(event.message && { replyTo: event.message.id }),
      ...(event.repliesTo && { repliesTo: event.repliesTo }),
    });
    return draft.ok ? { ask: draft.record } : { note: { text: draft.message } };
  },
};
