import { draftAsk } from '../Draft.ts';
import { splitModel } from '../Prompt.ts';
import type { Command } from './Command.ts';

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
    const option = event.options['model'];
    const typed = event.text || (event.options['prompt'] ?? '');
    const { model, prompt } = option === undefined ? splitModel(typed) : { model: option, prompt: typed };
    const draft = await draftAsk(context, {
      chat: event.chat,
      person: event.person,
      language: t.language,
      prompt,
      ...(model !== undefined && { model }),
      ...(event.message && { replyTo: event.message.id }),
      ...(event.repliesTo && { repliesTo: event.repliesTo }),
    });
    return draft.ok ? { ask: draft.record } : { note: { text: draft.message } };
  },
};
