// The tests, in lanes at once; the last line is the tally that CI reads. `--chaos`: those that are long or random.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inLanes } from './lanes.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const chaos = process.argv.includes('--chaos');
/** `npm test -- firewall secrets`: only what has one of these words in its name. */
const words = process.argv.slice(2).filter((word) => word !== '--chaos');

/** Those that take a minute or more begin before the others: what begins last is then short, and no lane ends long before the other. */
const LONGEST = [
  'e2e/product/life',
  'e2e/product/real-pods',
  'e2e/backups/life',
  'e2e/canary',
  'e2e/sandbox/life',
  'e2e/dumps/dumps',
  'e2e/sandbox/real-nodes',
  'e2e/digitalocean/provider',
  'e2e/releases',
  'e2e/engine/interruption',
];
/** They change the machine itself (mounts, control groups), and look whether all of it was put back. */
const REAL = /(^|\/)real-/;
const TOOLS = 'tools';
const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity);
/** A lane may hold a whole sandbox: some two gigabytes, and a core, but for the times when it waits for a cloud: one lane uses those. */
const LANES = Math.max(2, Math.min(4, availableParallelism() + 1, Math.floor(memory / 3e9)));

/**
 * Where the user is root, the end-to-end runs get a network of their own with nothing but loopback in it: that no byte
 * leaves the machine is then true by construction.
 */
const aloneOnLoopback = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
const canBeAlone =
  process.platform === 'linux' &&
  process.getuid() === 0 &&
  spawnSync(aloneOnLoopback[0], [...aloneOnLoopback.slice(1), 'true'], { stdio: 'ignore' }).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'ffops-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const began = Date.now();
const jobs = chaos
  ? [...filesOf('chaos'), ...['e2e', 'fuzz', 'unit'].flatMap(filesOf).filter(hasMore)].map((file) =>
      mocha(file, file, 1_800_000, { alone: true, variables: { FFOPS_AT_LENGTH: '1' } }),
    )
  : [
      { name: TOOLS, live: true, run: bringTools },
      { name: 'check', run: (start) => step('check', start, ['setup/check.mjs']) },
      mocha('unit', 'unit/**/*', 20_000, { after: [TOOLS] }),
      mocha('golden', 'golden/**/*', 60_000, { after: [TOOLS] }),
      mocha('command line', 'cli/**/*', 60_000, { after: [TOOLS] }),
      mocha('fuzz', 'fuzz/**/*', 300_000, { after: [TOOLS] }),
      ...filesOf('e2e').map((file) => mocha(file, file, 1_200_000, { alone: true, after: [TOOLS] })),
    ];
try {
  if (canBeAlone) console.log('End-to-end tests run in network namespaces with nothing but loopback in them.');
  await inLanes(LANES, words.length === 0 ? jobs : jobs.filter(isAskedFor));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`All of it took ${Math.round((Date.now() - began) / 1000)} s.`);
if (failures.length > 0) console.log(`Failed: ${failures.join(', ')}; see above.`);
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 ? 1 : 0);

function isAskedFor({ name }) {
  return name === TOOLS || words.some((word) => name.includes(word));
}

/** Test files below a folder of `test`, without their ending, the longest first. */
function filesOf(group) {
  const files = readdirSync(join(root, 'test', group), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => relative(join(root, 'test'), join(root, 'test', group, path)).replace(/\.test\.ts$/, ''))
    .sort();
  const first = LONGEST.filter((file) => files.includes(file));
  return [...first, ...files.filter((file) => !first.includes(file))];
}

/** Whether the test command runs a part of it only. */
function hasMore(file) {
  return readFileSync(join(root, 'test', `${file}.test.ts`), 'utf8').includes('/at-length.ts');
}

async function bringTools(start) {
  const verdicts = [await step('toolchain', start, ['bin/run.js', 'toolchain', 'install'])];
  if (canHaveRealNodes()) verdicts.push(await step('real nodes', start, ['bin/run.js', 'sandbox', 'prepare']));
  verdicts.push(await step('database servers', start, ['setup/databases.mjs']));
  verdicts.push(await step('servers', start, ['setup/servers.mjs']));
  return verdicts.every((verdict) => verdict === 'passed') ? 'passed' : 'failed';
}

/** Where they cannot be, their tests are skipped and say why. */
function canHaveRealNodes() {
  const program = `import { machineLacks } from ${JSON.stringify(join(root, 'src', 'sandbox', 'real', 'preflight.ts'))};
    process.exit((await machineLacks()).length);`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' }).status === 0;
}

/** A step counts as one test: it passes or it fails. */
async function step(name, start, args) {
  const passed = (await start(process.execPath, args)) === 0;
  total[passed ? 'passed' : 'failed']++;
  if (!passed) failures.push(name);
  return passed ? 'passed' : 'failed';
}

function mocha(name, spec, timeout, { alone = false, after = [], variables = {} } = {}) {
  const run = async (start) => {
    const tally = join(folder, `${name.replaceAll(/\W/g, '-')}.json`);
    const args = [
      'node_modules/mocha/bin/mocha.js',
      '--no-config',
      '--extension',
      'ts',
      '--timeout',
      String(timeout),
      '--forbid-only',
      '--exit',
      ...(process.stdout.isTTY ? ['--color'] : []),
      '--reporter',
      'test/support/tally-reporter.mjs',
      '--spec',
      `test/${spec}.test.ts`,
    ];
    const [program, ...rest] = [...(alone && canBeAlone ? aloneOnLoopback : []), process.execPath, ...args];
    const status = await start(program, rest, { ...variables, FFOPS_TALLY: tally });
    const counted = existsSync(tally) ? JSON.parse(readFileSync(tally, 'utf8')) : { passed: 0, failed: 0, skipped: 0 };
    // mocha can fail outside any test (a broken import, a crash); that is a failure too.
    if (status !== 0 && counted.failed === 0) counted.failed = 1;
    for (const key of Object.keys(total)) total[key] += counted[key];
    if (counted.failed > 0) failures.push(name);
    return counted.failed > 0 ? `${counted.failed} failed` : `${counted.passed} passed`;
  };
  return { name, run, after, ...(REAL.test(basename(spec)) ? { apart: 'real' } : {}) };
}
