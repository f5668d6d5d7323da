/** PyPI has programs as wheels: pip finds the one for this machine, checks it and unpacks it. */
import type { Ports } from '../ports/ports.ts';
import { interrupted } from './lock.ts';
import { locate } from './on-path.ts';

export interface Wheel {
  /** `name==version` */
  readonly requirement: string;
  /** Of its wheels, one for each machine; none: PyPI is taken at its word. */
  readonly sha256?: readonly string[];
}

const WITHIN_MS = 15 * 60_000;

/** Unpacks it into `folder`, which must not be there. Returns undefined, or why not: in pip's words, or empty without pip. */
export async function unpackWheel(ports: Ports, wheel: Wheel, folder: string): Promise<string | undefined> {
  const { files, runner, interruption } = ports;
  const pip = await findPip(ports);
  if (pip === undefined) return '';
  const list = `${folder}.txt`;
  const hashes = wheel.sha256 ?? [];
  await files.write(list, `${[wheel.requirement, ...hashes.map((hash) => `--hash=sha256:${hash}`)].join(' ')}\n`);
  const args = [
    ...pip.args,
    ...['install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile', '--only-binary', ':all:'],
    ...['--target', folder, '--requirement', list],
  ];
  const env = Object.fromEntries(
    Object.entries(ports.variables).filter(([name]) => name.startsWith('PIP_') || name === 'REQUESTS_CA_BUNDLE'),
  );
  const outcome = await runner.run({ program: pip.program, args, env, timeoutMs: WITHIN_MS, interruption });
  await files.remove(list);
  if (interruption.requested) throw interrupted();
  if (outcome.exitCode === 0) return undefined;
  return outcome.stderr.trim().split('\n').slice(-2).join(' ') || `pip ended with ${String(outcome.exitCode)}`;
}

async function findPip(ports: Ports): Promise<{ program: string; args: readonly string[] } | undefined> {
  for (const [name, args] of [
    ['python3', ['-m', 'pip']],
    ['pip3', []],
    ['pip', []],
  ] as const) {
    const program = await locate(ports, name);
    if (program === undefined) continue;
    const asked = await ports.runner.run({ program, args: [...args, '--version'], timeoutMs: 20_000 });
    if (asked.exitCode === 0) return { program, args };
  }
  return undefined;
}
