import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { apply } from '../../../src/usecases/apply.ts';
import { destroy } from '../../../src/usecases/destroy.ts';
import { drift } from '../../../src/usecases/drift.ts';
import { plan } from '../../../src/usecases/plan.ts';
import { tofuPassthrough } from '../../../src/usecases/tofu-passthrough.ts';
import { applyRequest, planRequest } from './requests.ts';
import { openWorkshop, origin, type Workshop } from './workshop.ts';

const address = 'terraform_data.thing';
const thing = 'resource "terraform_data" "thing" {\n  input = "same"\n}\n';
const resources = [
  {
    address,
    type: 'terraform_data',
    title: 'the domain',
    origin: origin(3),
    adoption: { by: 'name', name: 'shop.example' } as const,
  },
];
const existing = { address, id: 'existing-id', name: 'shop.example', kind: 'domain' };

describe('adoption, drift and destroy, with the real tofu', function () {
  this.timeout(120_000);
  let workshop: Workshop;
  afterEach(() => workshop.remove());

  it('refuses to make a second one, and imports the existing one when it is named', async () => {
    workshop = await openWorkshop(
      { base: { body: thing, resources } },
      { cloud: { adoptable: async () => [existing] } },
    );
    const shown = await plan(workshop.ports, planRequest(workshop), workshop.emit);
    expect(shown.stacks[0]!.adoptable).to.deep.equal([existing]);
    const refused = await apply(workshop.ports, applyRequest(workshop), workshop.emit).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'adopt.exists', exitCode: 3 });
    expect(refused).to.have.nested.property(
      'problems[0].hints[0]',
      'To manage the existing one from now on: --adopt domain/shop.example',
    );

    const done = await apply(workshop.ports, applyRequest(workshop, { adopt: ['domain/shop.example'] }), workshop.emit);
    expect(done.stacks[0]!.counts).to.include({ import: 1, create: 0 });
    expect(await workshop.ports.files.list(join(workshop.folder, '.ffops/prod/stacks/base'))).not.to.include(
      'adopt.tf',
    );
  });

  it('asks a person, and imports on yes', async () => {
    workshop = await openWorkshop(
      { base: { body: thing, resources } },
      { interactive: true, cloud: { adoptable: async () => [existing] } },
    );
    workshop.terminal.answer('The domain shop.example exists already', true);
    workshop.terminal.answer('Apply this to prod?', true);
    const done = await apply(workshop.ports, applyRequest(workshop, { yes: false }), workshop.emit);
    expect(done.stacks[0]!.counts).to.include({ import: 1 });
    workshop.terminal.verify();
  });

  it('takes for its own what an interrupted run of its own began to make', async () => {
    workshop = await openWorkshop(
      { base: { body: thing, resources } },
      { cloud: { adoptable: async () => [existing] } },
    );
    const entries = [
      { kind: 'run-started', command: 'apply', user: 'ann', host: 'desk', pid: 1 },
      { kind: 'stack-started', stack: 'base', creates: [address] },
    ].map((entry) => JSON.stringify({ at: '2026-01-01T00:00:00.000Z', run: 'before', ...entry }));
    await workshop.ports.files.write(join(workshop.folder, '.ffops/prod/journal.jsonl'), `${entries.join('\n')}\n`);
    const shown = await plan(workshop.ports, planRequest(workshop), workshop.emit);
    expect(shown.stacks[0]!.changes.map(({ action }) => action)).to.deep.equal(['import']);
    const done = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(done.stacks[0]!.counts).to.include({ import: 1 });
    expect(workshop.events).to.deep.include({
      kind: 'warning',
      text: '"ffops apply" of ann@desk, begun 2026-01-01T00:00:00.000Z, was interrupted. It was at base.',
    });
  });

  describe('of what it made, although that ended with an error', () => {
    /** Fails after making it, until the file is there. */
    const halfMade = (file: string) =>
      `resource "terraform_data" "thing" {\n  input = "same"\n\n  provisioner "local-exec" {\n    command = "test -e ${file}"\n  }\n}\n`;
    const held = [{ ...resources[0]!, holdsData: { name: 'shop.example', what: 'every record' } }];
    let file: string;

    async function failOnce(): Promise<void> {
      workshop = await openWorkshop({ base: { body: '', resources: held } }, { cloud: { adoptable: async () => [] } });
      file = join(workshop.folder, 'now');
      await workshop.write('base', halfMade(file));
      const failed = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
      expect(failed.stacks[0]!.outcome).to.equal('failed');
      await workshop.ports.files.write(file, '');
    }

    it('keeps what may hold data by now, rather than making it anew', async () => {
      await failOnce();
      const shown = await plan(workshop.ports, planRequest(workshop), workshop.emit);
      expect(shown.stacks[0]).to.deep.include({ state: 'planned', changes: [] });
      const said = 'keeps the domain: an earlier run made it, although it ended with an error.';
      expect(workshop.events).to.deep.include({ kind: 'note', text: `The next apply ${said}` });
      const done = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
      expect(done).to.deep.include({ verdict: 'done', stacks: [] });
      expect(workshop.events).to.deep.include({
        kind: 'note',
        text: 'Kept the domain: an earlier run made it, although it ended with an error.',
      });
    });

    it('makes it anew when its loss is agreed to', async () => {
      await failOnce();
      const done = await apply(workshop.ports, applyRequest(workshop, { loseData: ['shop.example'] }), workshop.emit);
      expect(done.stacks[0]!.counts).to.include({ replace: 1 });
    });

    it('leaves it to the user to have it made anew later', async () => {
      await failOnce();
      await apply(workshop.ports, applyRequest(workshop), workshop.emit);
      const { target } = workshop;
      expect(await tofuPassthrough(workshop.ports, { target, stack: 'base', args: ['taint', address] })).to.equal(0);
      const shown = await plan(workshop.ports, planRequest(workshop), workshop.emit);
      expect(shown.stacks[0]!.changes[0]).to.deep.include({ action: 'replace', losesData: held[0]!.holdsData });
    });
  });

  it('keeps what holds data in a destroy, unless it is named', async () => {
    const held = [{ ...resources[0]!, holdsData: { name: 'shop.example', what: 'every record' } }];
    const body = `${thing}\nresource "terraform_data" "other" {\n  input = "free"\n}\n`;
    const cloud = {
      adoptable: async () => [],
      inventory: async () => [{ kind: 'data', id: 'd', name: 'shop.example' }],
      undeletable: async () => [],
    };
    workshop = await openWorkshop({ base: { body, resources: held } }, { cloud });
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    const request = {
      target: workshop.target,
      selection: { stacks: [], only: false },
      yes: true,
      loseData: [] as string[],
      parallel: undefined,
    };
    const first = await destroy(workshop.ports, request, workshop.emit);
    expect(first.stacks[0]!.counts.delete).to.equal(1);
    expect(first.kept).to.deep.equal([
      {
        kind: 'data',
        name: 'shop.example',
        reason: 'holds every record; to lose it: --allow-data-loss shop.example',
      },
    ]);
    expect(first.orphans).to.deep.equal([]);
    const second = await destroy(workshop.ports, { ...request, loseData: ['shop.example'] }, workshop.emit);
    expect(second.stacks[0]!.counts.delete).to.equal(1);
  });

  it('destroys only after the name was typed', async () => {
    workshop = await openWorkshop(
      { base: { body: thing } },
      { interactive: true, cloud: { inventory: async () => [] } },
    );
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    workshop.terminal.answer('Type "prod" to destroy it', 'dev');
    const request = {
      target: workshop.target,
      selection: { stacks: [], only: false },
      yes: false,
      loseData: [],
      parallel: undefined,
    };
    expect(await destroy(workshop.ports, request, workshop.emit).catch((error: unknown) => error)).to.include({
      code: 'consent.refused',
      exitCode: 6,
    });
    workshop.terminal.answer('Type "prod" to destroy it', 'prod');
    expect(await destroy(workshop.ports, request, workshop.emit)).to.include({ verdict: 'done' });
  });

  it('finds no drift where nothing moved', async () => {
    workshop = await openWorkshop({ base: { body: thing } });
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    const found = await drift(
      workshop.ports,
      { target: workshop.target, selection: { stacks: [], only: false }, parallel: undefined },
      workshop.emit,
    );
    expect(found.stacks.map(({ state }) => state)).to.deep.equal(['clean']);
    expect(found.verdict).to.equal('done');
  });

  it('puts back a state that could not be written', async () => {
    workshop = await openWorkshop({ base: { body: thing } }, { cloud: { adoptable: async () => [] } });
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    const state = join(workshop.folder, '.ffops/prod/state/base.tfstate');
    const rescued = join(workshop.folder, '.ffops/prod/stacks/base/errored.tfstate');
    await workshop.ports.files.rename(state, rescued);
    const again = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(again.plan.stacks[0]!.state).to.equal('unchanged');
    expect(await workshop.ports.files.info(rescued)).to.equal(undefined);
    expect(await readFile(state, 'utf8')).to.include('encrypted_data');
  });
});
