import type { Message } from '../types.ts';
import { paragraphs } from '../Words.ts';

const steps = [
  '- `/ask What is TellorFlex?` asks the default model; you see the price and pay with your own wallet',
  '- `/ask --model NAME your question` asks another model',
  '- `/models` lists what can be asked, with prices',
  '- `/model NAME` makes it the one your questions go to',
  '- `/why` shows every step of your last question with its transaction, `/history` your last questions',
].join('\n');

/** What this bot is and does. */
export function help(): Message {
  return {
    text: paragraphs(
      '**Ask AI models run by independent hosts.** Each answer is reported to the Tellor oracle and backed by the host’s stake; no answer in time, and your money comes back by itself.',
      steps,
      'This bot never asks for a key or a seed phrase. Questions and answers are public on the chain, for ever: write nothing private.',
    ),
    buttons: [{ type: 'press', label: 'Models and prices', data: 'c:models' }],
  };
}
