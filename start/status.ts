import type { Stack } from './Stack.ts';

/** What a person sees when everything runs. */
export function status({ bot, host, chain, deployment }: Stack): string {
  const bots = bot.facts();
  const lines: [string, string][] = [
    ['Local chat', String(bots['local'])],
    ['Answers by', String(host.facts()['provider'])],
    ['Discord', String(bots['discord'])],
    ['Telegram', String(bots['telegram'])],
    ['Chain', `embedded, ${chain.url} (chain id ${deployment.chainId}, play money)`],
    ['Market', deployment.market],
  ];
  const body = lines.map(([name, value]) => `  ${name.padEnd(11)} ${value}`).join('\n');
  return `\nAI Marketplace is running\n\n${body}\n\n  Open the local chat and type  /ask What is TellorFlex?\n  Ctrl-C stops everything.\n`;
}
