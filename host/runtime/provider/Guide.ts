import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import { SimpleChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk } from '@langchain/core/outputs';
import { createKnowledge, type Found, type Knowledge, readSections } from './Knowledge.ts';
import { type Provider, textOf } from './Provider.ts';

const signature =
  '*Answered by the built-in guide: no language model, only a search through this marketplace’s own documents. ' +
  'To connect a real model, the host’s operator sets `OPENAI_API_KEY`, or `OPENAI_BASE_URL` for any compatible server, or starts Ollama.*';
/** Share of the question's meaningful words that a section must hold to count as an answer. */
const minCover = 0.5;
const unknown =
  'I don’t know that. I am the built-in guide and answer only questions about this marketplace, for example *What is TellorFlex?*, ' +
  '*How do refunds work?* or *How do I sell a model?*';

/**
 * A chat model that needs no network: it answers questions about the marketplace with the fitting section of its documents,
 * always says who answers, and says so when it does not know. Instructions (`system`) can't change what it does.
 */
export class GuideModel extends SimpleChatModel {
  readonly knowledge: Knowledge;
  constructor(knowledge: Knowledge) {
    super({});
    this.knowledge = knowledge;
  }

  override _llmType(): string {
    return 'guide';
  }

  override async _call(messages: BaseMessage[]): Promise<string> {
    const question = messages.findLast((message) => message.type === 'human');
    return guideAnswer(this.knowledge, textOf(question?.content));
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    run?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    for (const text of (await this._call(messages)).split(/(?<=\n)/)) {
      options.signal?.throwIfAborted();
      yield new ChatGenerationChunk({ text, message: new AIMessageChunk({ content: text }) });
      await run?.handleLLMNewToken(text);
    }
  }
}

/** The guide's answer to one question, in Markdown. */
export function guideAnswer(knowledge: Knowledge, question: string): string {
  const [best, ...others] = knowledge.find(question);
  if (best === undefined || best.cover < minCover) return `${unknown}\n\n${signature}`;
  const more = others
    .filter(({ cover, file, title }) => file === 'faq.md' && cover >= minCover && title !== best.title)
    .slice(0, 2)
    .map(({ title }) => `*${title}*`);
  return [
    `**${best.title}**`,
    excerpt(best),
    ...(more.length > 0 ? [`Ask me also: ${more.join(', ')}`] : []),
    signature,
  ].join('\n\n');
}

/** Whole paragraphs up to about 1,500 characters. */
function excerpt({ body, file }: Found): string {
  const kept: string[] = [];
  let length = 0;
  for (const wrapped of body.split(/\n{2,}/)) {
    // Chats show every line break; the documents' own are only for their source. Lists, tables and code keep theirs.
    const paragraph = /^(?:[-*|#>`]|\d+\.|\s{2,})/m.test(wrapped) ? wrapped : wrapped.replace(/\s*\n\s*/g, ' ');
    if (kept.length > 0 && length + paragraph.length > 1_500) return [...kept, `(More in ${file}.)`].join('\n\n');
    kept.push(paragraph);
    length += paragraph.length;
  }
  return kept.join('\n\n');
}

/** @param root the project's folder with README.md and docs/ */
export function guideProvider(root: string): Provider {
  const chat = new GuideModel(createKnowledge(readSections(root)));
  return {
    name: 'guide',
    label: 'guide (built in)',
    // Whatever the workload names, the answer says that the guide gave it.
    serves: () => ({ ok: true, model: 'guide' }),
    chat: () => chat,
    guard: (_model, call) => call(),
    healthy: async () => true,
  };
}
