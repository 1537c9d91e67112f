import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { format } from '../Amount.ts';
import { type DeployOptions, quoteDeploy, type SignedDeployment, send, sign } from '../Deploy.ts';
import * as Deployment from '../Deployment.ts';
import { addressSchema, zeroAddress } from '../Hex.ts';
import type { Rpc } from '../Rpc.ts';
import { info } from '../Token.ts';
import { verify } from '../Verify.ts';
import type { Io } from './Io.ts';

export type DeployArguments = {
  /** Where the addresses are written, for bot and host to read. */
  file: string;
  dryRun: boolean;
  /** Don't ask before spending. */
  yes: boolean;
};

const pendingSchema = z.object({
  chainId: z.number(),
  addresses: z.object({
    token: addressSchema,
    oracle: addressSchema,
    governance: addressSchema,
    registry: addressSchema,
    market: addressSchema,
  }),
  transactions: z.array(z.object({ name: z.string(), hash: z.string(), raw: z.string() })),
});

/** Deploys once; with an address file there it only checks. @returns the process's exit status */
export async function runDeploy(
  options: DeployOptions,
  { file, dryRun, yes }: DeployArguments,
  io: Io,
): Promise<number> {
  const { rpc } = options;
  if (existsSync(file)) {
    io.out(`There is an address file at ${file}; nothing is deployed.`);
    return runVerify(rpc, Deployment.read(file), io);
  }
  const pending = `${file}.pending`;
  if (existsSync(pending)) {
    const signed = pendingSchema.parse(JSON.parse(readFileSync(pending, 'utf8')));
    const chainId = Number((await rpc.getNetwork()).chainId);
    if (signed.chainId !== chainId) {
      io.error(
        `${pending} is a deployment on chain ${signed.chainId}, and the RPC URL is of chain ${chainId}. Use the right URL, or another --file.`,
      );
      return 1;
    }
    io.out('An earlier deployment was interrupted; it goes on.');
    if (dryRun) return 0;
    return finish(rpc, signed, file, io);
  }

  const quotation = await quoteDeploy(options);
  const { symbol, decimals } = await info(rpc, zeroAddress);
  const coin = (wei: bigint) => format(wei, decimals, symbol);
  io.out(`Deployer  ${options.signer.address}, holds ${coin(quotation.balance)}`);
  for (const { name, creates, gasLimit } of quotation.plan.steps) {
    io.out(`  ${name.padEnd(16)} ${creates ?? ''.padEnd(42)}  up to ${gasLimit} gas`);
  }
  io.out(`Costs up to ${coin(quotation.cost)} at today’s fees, ${coin(quotation.most)} if they double meanwhile.`);
  if (dryRun) return 0;
  if (!yes && !(await io.confirm('Deploy now?'))) {
    io.out('Nothing was sent.');
    return 1;
  }
  const signed = await sign(options, quotation);
  writeFileSync(pending, JSON.stringify(signed, null, 2));
  return finish(rpc, signed, file, io);
}

async function finish(rpc: Rpc, signed: SignedDeployment, file: string, io: Io): Promise<number> {
  const deployment = await send(rpc, signed);
  Deployment.write(file, deployment);
  rmSync(`${file}.pending`, { force: true });
  io.out(`Deployed. The addresses are in ${file}: set DEPLOYMENT_FILE=${file} for bot and host.`);
  return runVerify(rpc, deployment, io);
}

const marks = { ok: '✓', warning: '!', wrong: '✗' } as const;

/** Prints what was found; status 1 when something is wrong. */
export async function runVerify(rpc: Rpc, deployment: Deployment.Deployment, io: Io): Promise<number> {
  const findings = await verify(rpc, deployment);
  for (const { level, what } of findings) io.out(`${marks[level]} ${what}`);
  return findings.some(({ level }) => level === 'wrong') ? 1 : 0;
}
