/**
 * Damaged sops files, opened with the real sops: each is refused in time, with an error that quotes nothing, or
 * gives back exactly what was in it. A part of the values is never taken for the whole.
 */
import { expect } from 'chai';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { FfopsError } from '../../src/errors.ts';
import { Secret } from '../../src/model/secret.ts';
import { prepareStore } from '../../src/secrets/init.ts';
import { placeOf, type SecretsPlace } from '../../src/secrets/place.ts';
import { openStore } from '../../src/secrets/store.ts';
import type { RunTool } from '../../src/tools/call.ts';
import { atLength } from '../support/at-length.ts';
import { diceOf, type Dice } from './mutations.ts';
import { realPorts } from '../support/sandbox-workspace.ts';
import { tempFolder } from '../support/temp.ts';
import { toolchain, toolOrSkip } from '../support/tools.ts';

const FILES = atLength ? 2000 : 300;
const LONGEST_MS = 10_000;

const values = new Map(
  ['a.one', 'b.two', 'c.three', 'd.four', 'e.five'].map((name) => [name, new Secret(`canary of ${name}`)]),
);

describe('a sops file that was damaged', () => {
  it(`is refused in time, whole and unquoted, ${FILES} times`, async function () {
    this.timeout(600_000);
    for (const tool of ['sops', 'age-keygen']) await toolOrSkip(this, tool);
    const folder = tempFolder();
    try {
      const ports = realPorts();
      const paths = new Map(
        await Promise.all(
          ['sops', 'age-keygen'].map(
            async (name) => [name, (await (await toolchain()).resolveTool(name)).path] as const,
          ),
        ),
      );
      const run: RunTool = async (tool, call) => ports.runner.run({ program: paths.get(tool)!, ...call });
      const hands = { ...ports, run, variables: {} };
      const whole = placeIn(folder.path, 'whole');
      await prepareStore(hands, whole);
      await openStore(hands, whole).write(values);
      const good = (await ports.files.read(whole.secretsFile))!;

      const random = diceOf(0x5ec2e7);
      const damages = Array.from({ length: FILES }, () => damaged(good, random));
      const codes = new Map<string, number>();
      const work = damages.entries();
      const one = async (lane: number): Promise<void> => {
        const place = placeIn(folder.path, `lane-${lane}`);
        for (const [index, text] of work) {
          await ports.files.write(place.secretsFile, text, { durable: false });
          const began = performance.now();
          const code = await verdict(openStore(hands, place).values(), text);
          expect(performance.now() - began, `file ${index}`).to.be.lessThan(LONGEST_MS);
          codes.set(code, (codes.get(code) ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: Math.max(2, cpus().length) }, (_, lane) => one(lane)));
      // Not all of them stop at the same gate.
      expect([...codes.keys()]).to.include.members(['secrets.damaged', 'secrets.unreadable']);
      expect((codes.get('opened') ?? 0) / FILES, [...codes].join('; ')).to.be.lessThan(0.2);
    } finally {
      folder.remove();
    }
  });
});

function placeIn(root: string, name: string): SecretsPlace {
  return placeOf(
    {
      kind: 'sandbox',
      podsRun: false,
      root,
      secretsFile: join(root, 'secrets', `${name}.sops.yaml`),
      ageKeyFile: join(root, 'age.txt'),
      variables: {},
      tofuVariables: {},
    },
    root,
    name,
  );
}

async function verdict(opening: Promise<ReadonlyMap<string, Secret>>, text: string): Promise<string> {
  try {
    const read = [...(await opening)].map(([name, value]) => [name, value.reveal()]);
    expect(Object.fromEntries(read), text).to.deep.equal(
      Object.fromEntries([...values].map(([name, value]) => [name, value.reveal()])),
    );
    return 'opened';
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    expect(error.code).to.match(/^secrets\./);
    expect(JSON.stringify(error.problems) + String(error.stack)).not.to.contain('canary of');
    return error.code;
  }
}

function damaged(good: string, random: Dice): string {
  const lines = good.split('\n');
  const at = random.below(good.length);
  const line = random.below(lines.length);
  const other = random.below(lines.length);
  const swapped = lines.with(line, lines[other]!).with(other, lines[line]!);
  const kinds = [
    () => good.slice(0, at) + String.fromCharCode(33 + random.below(90)) + good.slice(at + 1),
    () => good.slice(0, at) + good.slice(at + 1 + random.below(20)),
    () => good.slice(0, at),
    () => lines.toSpliced(line, 1).join('\n'),
    () => lines.toSpliced(line, 0, lines[other]!).join('\n'),
    () => swapped.join('\n'),
    () => good.replaceAll(lines[line]!, ''),
    () =>
      good.slice(0, at) +
      random.pick(['\0', '\t', '%', '"', '{', ': ', '\n- ', '&a ', '*a', '!!binary ', 'é']) +
      good.slice(at),
  ];
  return random.pick(kinds)();
}
