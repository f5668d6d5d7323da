// Every test, group by group, cheapest first; the last line is the tally that CI reads.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const chaos = process.argv.includes('--chaos');
const groups = chaos
  ? [['chaos', 'test/chaos/**/*.test.ts', 1_800_000]]
  : [
      ['unit', 'test/unit/**/*.test.ts', 20_000],
      ['golden', 'test/golden/**/*.test.ts', 60_000],
      ['fuzz', 'test/fuzz/**/*.test.ts', 300_000],
      ['command line', 'test/cli/**/*.test.ts', 60_000],
      ['end to end', 'test/e2e/**/*.test.ts', 1_200_000],
    ];

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
try {
  if (!chaos) step('check', ['setup/check.mjs']);
  if (!chaos) step('toolchain', ['bin/run.js', 'toolchain', 'install']);
  if (!chaos) step('database servers', ['setup/databases.mjs']);
  for (const [name, spec, timeout] of groups) mocha(name, spec, timeout);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 ? 1 : 0);

/** A step counts as one test: it passes or it fails. */
function step(name, args) {
  const began = Date.now();
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  total[status === 0 ? 'passed' : 'failed']++;
  console.log(`== ${name}: ${status === 0 ? 'passed' : 'failed'} in ${seconds(began)}`);
}

function mocha(name, spec, timeout) {
  const began = Date.now();
  const tally = join(folder, `${name.replaceAll(' ', '-')}.json`);
  console.log(`\n== ${name}`);
  const args = [
    'node_modules/mocha/bin/mocha.js',
    '--no-config',
    '--extension',
    'ts',
    '--timeout',
    String(timeout),
    '--forbid-only',
    '--exit',
    '--reporter',
    'test/support/tally-reporter.mjs',
    '--spec',
    spec,
  ];
  const alone = canBeAlone && (name === 'end to end' || name === 'chaos');
  if (alone) console.log('   in a network namespace with nothing but loopback');
  const [program, ...rest] = [...(alone ? aloneOnLoopback : []), process.execPath, ...args];
  const { status } = spawnSync(program, rest, { stdio: 'inherit', env: { ...process.env, FFOPS_TALLY: tally } });
  if (existsSync(tally)) {
    const counted = JSON.parse(readFileSync(tally, 'utf8'));
    for (const key of Object.keys(total)) total[key] += counted[key];
    // mocha can fail outside any test (a broken import); that is a failure too.
    if (status !== 0 && counted.failed === 0) total.failed++;
  } else {
    total.failed++;
  }
  console.log(`== ${name}: ${seconds(began)}`);
}

function seconds(began) {
  return `${Math.round((Date.now() - began) / 1000)} s`;
}
