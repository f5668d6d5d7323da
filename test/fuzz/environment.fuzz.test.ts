/**
 * Whatever happens to an environment file, it either becomes a blueprint or is refused with messages and places.
 *
 *     FFOPS_FUZZ_CASES=100000 FFOPS_FUZZ_SEED=42 npx mocha --spec test/fuzz/environment.fuzz.test.ts
 */
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { parse, parseDocument } from 'yaml';
import { UserError } from '../../src/errors.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { registry } from '../../src/blueprint/registry.ts';
import { explain } from '../../src/model/explain.ts';
import { environmentJsonSchema } from '../../src/model/jsonSchema.ts';
import { loadEnvironment } from '../../src/model/load.ts';
import { readWorkspaceFile } from '../../src/model/workspaceFile.ts';
import { atLength } from '../support/at-length.ts';
import { cpuMilliseconds } from '../support/cpu-time.ts';
import { diceOf, mutate } from './mutations.ts';

const CASES = Number(process.env['FFOPS_FUZZ_CASES'] ?? (atLength ? 20_000 : 2_000));
const SEED = Number(process.env['FFOPS_FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
const EXAMPLE = new URL('../../examples/fullfrontend/', import.meta.url);
const FILE = 'fuzzed.yaml';
const SLOW_MS = 5_000;

type Outcome = 'loaded' | 'refused' | { readonly flaw: string };

/** Loaded, or refused as a person may meet it; anything else is a flaw of ffops. */
async function outcomeOf(text: string, load: (text: string) => unknown): Promise<Outcome> {
  let outcome: Outcome = 'loaded';
  const took = await cpuMilliseconds(async () => {
    try {
      await load(text);
    } catch (error) {
      outcome = refusal(error, text);
    }
  });
  return took > SLOW_MS ? { flaw: `took more than ${SLOW_MS} ms` } : outcome;
}

function refusal(error: unknown, text: string): Outcome {
  if (!(error instanceof UserError)) return { flaw: `threw ${inspect(error)}` };
  if (error.problems.length === 0) return { flaw: 'was refused without a problem' };
  for (const problem of error.problems) {
    const flaw = flawOfProblem(problem, text);
    if (flaw !== undefined) return { flaw: `${flaw}: ${inspect(problem)}` };
  }
  return 'refused';
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

/** How many of the damaged files loaded all the same; throws at the first flaw, with what repeats it. */
async function fuzz(original: string, cases: number, load: (text: string) => unknown): Promise<number> {
  await load(original);
  let loaded = 0;
  for (let seed = SEED; seed < SEED + cases; seed++) {
    const text = mutate(original, diceOf(seed));
    const outcome = await outcomeOf(text, load);
    if (outcome === 'loaded') loaded++;
    if (typeof outcome === 'string') continue;
    throw new Error(
      `FFOPS_FUZZ_SEED=${seed} FFOPS_FUZZ_CASES=1: a file ${outcome.flaw}\n--- file\n${JSON.stringify(text)}`,
    );
  }
  return loaded;
}

async function toBlueprint(name: string, text: string): Promise<void> {
  const context = { workspace: 'fullfrontend', environment: name };
  const loaded = await loadEnvironment({ file: FILE, text, name, workspace: context.workspace, registry });
  explain(loaded);
  buildBlueprint(loaded.environment, loaded.origins, registry, context);
}

describe('damaged files', () => {
  before(() => console.log(`    FFOPS_FUZZ_SEED=${SEED} FFOPS_FUZZ_CASES=${CASES}`));

  for (const name of ['prod', 'dev']) {
    it(`${name}.yaml becomes a blueprint, or is refused with messages and places`, async () => {
      const text = await readFile(new URL(`environments/${name}.yaml`, EXAMPLE), 'utf8');
      const cases = Math.ceil(CASES / 2);
      const loaded = await fuzz(text, cases, (mutated) => toBlueprint(name, mutated));
      console.log(`      ${loaded} of ${cases} loaded`);
      // Damage that always or never matters would test one half of the loader only.
      if (cases >= 1_000) expect(loaded / cases).to.be.within(0.04, 0.7);
    });

    it(`${name}.yaml with anything in the place of any value is refused as well; what loads, editors accept`, async () => {
      const text = await readFile(new URL(`environments/${name}.yaml`, EXAMPLE), 'utf8');
      const accepts = new Ajv2020({ strict: false }).compile(environmentJsonSchema(registry));
      const whole = parseDocument(text);
      const paths = pathsOf(parse(text), []);
      const replaced = fc.record({
        path: fc.constantFrom(...paths),
        value: fc.oneof(fc.jsonValue(), fc.constantFrom(...WORDS)),
      });
      const property = fc.asyncProperty(replaced, async ({ path, value }) => {
        const document = whole.clone();
        document.setIn(path, value);
        const outcome = await outcomeOf(document.toString(), (mutated) => toBlueprint(name, mutated));
        if (typeof outcome !== 'string') throw new Error(outcome.flaw);
        if (outcome === 'loaded' && !accepts(document.toJS()))
          throw new Error(`editors refuse what loads: ${inspect(accepts.errors)}`);
      });
      await fc.assert(property, { numRuns: Math.ceil(CASES / 6), seed: SEED });
    });
  }

  it('ffops.yaml is read, or is refused with messages and places', async () => {
    const text = await readFile(new URL('ffops.yaml', EXAMPLE), 'utf8');
    await fuzz(text, Math.ceil(CASES / 10), (mutated) => readWorkspaceFile(FILE, mutated, '0.1.0'));
  });

  it('would be noticed: a crash, an empty refusal, a problem without a place', async () => {
    const refusal =
      (...problems: UserError['problems']) =>
      (): never => {
        throw new UserError('x', problems);
      };
    const flaws = [
      refusal(),
      refusal({ message: 'No place.' }),
      refusal({ message: '', at: { file: FILE, line: 1, column: 1 } }),
      refusal({ message: 'Far away.', at: { file: FILE, line: 2, column: 1 } }),
      refusal({ message: 'found undefined', at: { file: FILE, line: 1, column: 1 } }),
      (): never => {
        throw new TypeError('crash');
      },
    ];
    for (const flaw of flaws) expect(await outcomeOf('x: 1', flaw)).to.have.property('flaw');
    expect(await outcomeOf('x: 1', refusal({ message: 'Wrong.', at: { file: FILE, line: 1, column: 4 } }))).to.equal(
      'refused',
    );
  });
});

/** Texts that mean something somewhere. */
const WORDS = [
  'local',
  'doks',
  'none',
  'off',
  'managed',
  'co.uk',
  '10Gi',
  '03:00',
  'ams3',
  '1.34',
  'x'.repeat(300),
  'bitnami/redis',
  '__proto__',
];

function pathsOf(value: unknown, path: readonly (string | number)[]): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const children = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const below = children.flatMap(([key, child]: [string | number, unknown]) => pathsOf(child, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}
