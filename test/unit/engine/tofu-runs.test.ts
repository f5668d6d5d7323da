import { expect } from 'chai';
import type { Target } from '../../../src/engine/contracts.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { JournalEvent } from '../../../src/engine/journal.ts';
import { layoutOf } from '../../../src/engine/layout.ts';
import { runPush } from '../../../src/engine/tofu-runs.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { Outcome } from '../../../src/ports/runner.ts';
import { aBlueprint, aStack } from '../../support/blueprint.ts';
import { fakePorts } from '../../support/fakes.ts';

/** What the journal keeps of a run of tofu that ended so. */
async function kept(outcome: Partial<Outcome>): Promise<JournalEvent | undefined> {
  const fakes = fakePorts();
  fakes.runner.expect({ program: 'tofu' }, outcome);
  const entries: JournalEvent[] = [];
  const target = { blueprint: aBlueprint(), surroundings: { root: '.ffops' }, workspace: '/w' } as unknown as Target;
  const engine = {
    ports: fakes.ports,
    target,
    layout: layoutOf(target),
    tofu: '/bin/tofu',
    journal: { run: 'r', record: async (entry: JournalEvent) => void entries.push(entry) },
  } as unknown as Engine;
  await runPush(engine, aStack({ name: 'base' }), new Secret('{}'), {}).catch(() => undefined);
  fakes.verify();
  return entries.at(-1);
}

const clean = { kind: 'tool-ended', stack: 'base', clean: true };
const lost = { ...clean, clean: false };

describe('a run of tofu', () => {
  it('that came to its end gave its lock back, whatever it came to', async () => {
    expect(await kept({})).to.deep.equal(clean);
    expect(await kept({ exitCode: 1, stderr: 'Error: Unsupported argument\n' })).to.deep.equal(clean);
  });

  it('that was killed may have left its lock', async () => {
    expect(await kept({ exitCode: 137, signal: 'SIGKILL' })).to.deep.equal(lost);
  });

  it('that could not give its lock back has left it', async () => {
    expect(await kept({ exitCode: 1, stderr: 'Error: Error releasing the state lock\n' })).to.deep.equal(lost);
  });

  it('that found a lock may have made it itself, while the answer was lost', async () => {
    expect(await kept({ exitCode: 1, stderr: 'Error: Error acquiring the state lock\n' })).to.deep.equal(lost);
  });
});
