/**
 * Whatever happens to an environment file, it either becomes a blueprint or is refused with messages and places.
 *
 *     FFOPS_FUZZ_CASES=100000 FFOPS_FUZZ_SEED=42 npx mocha --spec test/fuzz/environment.fuzz.test.ts
 */
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { UserError } from '../../src/errors.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { registry } from '../../src/blueprint/registry.ts';
import { explain } from '../../src/model/explain.ts';
import { loadEnvironment } from '../../src/model/load.ts';
import { readWorkspaceFile } from '../../src/model/workspaceFile.ts';
import { diceOf, mutate } from './mutations.ts';

const CASES = Number(process.env['FFOPS_FUZZ_CASES'] ?? 6_000);
const SEED = Number(process.env['FFOPS_FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
const EXAMPLE = new URL('../../examples/fullfrontend/', import.meta.url);
const FILE = 'fuzzed.yaml';
const SLOW_MS = 5_000;

/** Undefined when the outcome is one that a person may meet. */
async function flawOf(text: string, load: () => unknown): Promise<string | undefined> {
  const start = performance.now();
  try {
    await load();
  } catch (error) {
    if (!(error instanceof UserError)) return `threw ${inspect(error)}`;
    if (error.problems.length === 0) return 'was refused without a problem';
    for (const problem of error.problems) {
      const flaw = flawOfProblem(problem, text);
      if (flaw !== undefined) return `${flaw}: ${inspect(problem)}`;
    }
  }
  return performance.now() - start > SLOW_MS ? `took more than ${SLOW_MS} ms` : undefined;
}

function flawOfProblem({ message, at, hints = [] }: UserError['problems'][number], text: string): string | undefined {
  if (message.trim() === '') return 'a problem says nothing';
  if (at?.file !== FILE) return 'a problem has no file';
  if (!(Number.isInteger(at.line) && at.line >= 1 && at.line <= text.split('\n').length))
    return 'a problem has a line outside the file';
  if (!(Number.isInteger(at.column) && at.column >= 1)) return 'a problem has no column';
  if (hints.some((hint) => hint.trim() === '')) return 'a hint is empty';
  const told = [message, ...hints].join(' ');
  const ours = /undefined|\[object |\bat .*\.ts:\d+/.exec(told)?.[0];
  if (ours !== undefined && !text.includes(ours)) return `a problem shows our insides (${ours})`;
  return undefined;
}

async function fuzz(original: string, cases: number, seed: number, load: (text: string) => unknown): Promise<void> {
  const flaw = await flawOf(original, () => load(original));
  if (flaw !== undefined) throw new Error(`The original ${flaw}`);
  await load(original);
  for (let index = 0; index < cases; index++) {
    const text = mutate(original, diceOf(seed + index));
    const found = await flawOf(text, () => load(text));
    if (found !== undefined) {
      throw new Error(
        `FFOPS_FUZZ_SEED=${seed + index} FFOPS_FUZZ_CASES=1: a file ${found}\n--- file\n${JSON.stringify(text)}`,
      );
    }
  }
}

describe('damaged files', () => {
  before(() => console.log(`    FFOPS_FUZZ_SEED=${SEED} FFOPS_FUZZ_CASES=${CASES}`));

  for (const name of ['prod', 'dev']) {
    it(`${name}.yaml loads, or is refused with messages and places`, async () => {
      const text = await readFile(new URL(`environments/${name}.yaml`, EXAMPLE), 'utf8');
      const load = async (mutated: string): Promise<void> => {
        const context = { workspace: 'fullfrontend', environment: name };
        const loaded = await loadEnvironment({
          file: FILE,
          text: mutated,
          name,
          workspace: context.workspace,
          registry,
        });
        explain(loaded);
        buildBlueprint(loaded.environment, loaded.origins, registry, context);
      };
      await fuzz(text, Math.ceil(CASES / 2), SEED, load);
    });
  }

  it('ffops.yaml is read, or is refused with messages and places', async () => {
    const text = await readFile(new URL('ffops.yaml', EXAMPLE), 'utf8');
    await fuzz(text, Math.ceil(CASES / 10), SEED, (mutated) => readWorkspaceFile(FILE, mutated, '0.1.0'));
  });
});
