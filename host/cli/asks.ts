import { type Command, Option } from 'commander';
import { states } from '../../contracts/client/Ask.ts';
import { toCsv } from '../../contracts/client/support/Csv.ts';
import { openContext } from './Context.ts';
import { askColumns, readAsks } from './Records.ts';
import { table } from './table.ts';

export function addAskCommands(program: Command, print: (text: string) => void): void {
  program
    .command('asks')
    .description('the newest asks')
    .addOption(new Option('--state <state>', 'only these').choices(states.filter((state) => state !== 'none')))
    .option('--limit <n>', 'how many', '20')
    .option('--json', 'a line of JSON for each')
    .addHelpText(
      'after',
      `
Examples:
  npm run host -- asks
  npm run host -- asks --state declined --limit 100
  npm run host --silent -- asks --json | jq -r .failure | sort | uniq -c`,
    )
    .action(async (options: { state?: string; limit: string; json?: true }) => {
      const { files } = await openContext();
      if (!/^[1-9]\d{0,6}$/.test(options.limit)) throw new Error('--limit must be a whole number from 1, like 20.');
      const asks = readAsks(files.journal, { state: options.state, limit: Number(options.limit) });
      if (options.json) for (const ask of asks) print(JSON.stringify(ask));
      else if (asks.length === 0) print('There is none.');
      else
        print(
          table(
            ['asked (UTC)', 'state', 'model', 'query id', ''],
            asks.map((ask) => [
              ask.askedAt.slice(0, 19).replace('T', ' '),
              ask.state,
              ask.model,
              ask.queryId,
              ask.failure || ask.answeredBy,
            ]),
          ),
        );
    });

  program
    .command('export')
    .description('every ask as CSV on standard output')
    .addHelpText(
      'after',
      `
RFC 4180; amounts in whole tokens, times ISO 8601. What a spreadsheet would take for a formula has a ' before it.

Example:
  npm run host --silent -- export > asks.csv`,
    )
    .action(async () => {
      const { files } = await openContext();
      process.stdout.write(toCsv(askColumns, readAsks(files.journal)));
    });
}
