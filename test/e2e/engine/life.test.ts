import { join } from 'node:path';
import { expect } from 'chai';
import { apply } from '../../../src/usecases/apply.ts';
import { plan } from '../../../src/usecases/plan.ts';
import { applyRequest, planRequest } from './requests.ts';
import { origin, openWorkshop, type Workshop } from './workshop.ts';

const thing = (value: string) => `resource "terraform_data" "thing" {\n  input = "${value}"\n}\n`;

describe('the life of stacks, with the real tofu', function () {
  this.timeout(60_000);
  let workshop: Workshop;
  afterEach(() => workshop.remove());

  it('plans, applies what was shown, and finds nothing more to do', async () => {
    workshop = await openWorkshop({
      base: { body: `${thing('one')}\noutput "id" {\n  value = terraform_data.thing.output\n}\n` },
      app: {
        after: ['base'],
        variables: [{ name: 'base_id', type: 'string', description: '', from: { stack: 'base', output: 'id' } }],
        body: `variable "base_id" {\n  type = string\n}\n\nvariable "app_env" {\n  type = string\n}\n\n${thing('${var.base_id} in ${var.app_env}')}`,
        resources: [{ address: 'terraform_data.thing', type: 'terraform_data', title: 'the thing', origin: origin(7) }],
      },
    });
    const first = await plan(workshop.ports, planRequest(workshop), workshop.emit);
    expect(first.verdict).to.equal('pending');
    expect(first.stacks.map(({ stack, state, until }) => [stack, state, until])).to.deep.equal([
      ['base', 'planned', undefined],
      ['app', 'unknown', 'base'],
    ]);
    expect(first.stacks[1]!.expected).to.deep.equal([
      { address: 'terraform_data.thing', title: 'the thing', origin: origin(7) },
    ]);

    const applied = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(applied.stacks.map(({ stack, outcome, counts }) => [stack, outcome, counts.create])).to.deep.equal([
      ['base', 'applied', 1],
      ['app', 'applied', 1],
    ]);
    const second = await plan(workshop.ports, planRequest(workshop), workshop.emit);
    expect([second.verdict, ...second.stacks.map(({ state }) => state)]).to.deep.equal([
      'done',
      'unchanged',
      'unchanged',
    ]);
    const again = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect([again.verdict, again.stacks]).to.deep.equal(['done', []]);
  });

  it('applies the very plan that was shown, once, and plans anew when something has changed since', async () => {
    workshop = await openWorkshop({ base: { body: thing('one') } });
    const shown = await plan(workshop.ports, planRequest(workshop), workshop.emit);
    const taken = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(taken.earlierPlan).to.include({ run: shown.run, used: true });
    expect(taken.plan.stacks).to.deep.equal(shown.stacks);
    expect(taken.stacks.map(({ outcome }) => outcome)).to.deep.equal(['applied']);

    await workshop.write('base', thing('two'));
    await plan(workshop.ports, planRequest(workshop), workshop.emit);
    await workshop.write('base', thing('three'));
    const anew = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(anew.earlierPlan).to.include({ used: false, because: 'the files of base changed since' });
    expect(anew.plan.stacks[0]?.changes[0]?.attributes).to.deep.include({
      path: 'input',
      before: 'one',
      after: 'three',
      forcesReplacement: false,
    });
  });

  it('plans anew when somebody else has applied in between', async () => {
    workshop = await openWorkshop({ base: { body: thing('one') } });
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    await workshop.write('base', thing('two'));
    await plan(workshop.ports, planRequest(workshop), workshop.emit);
    const sealed = await workshop.read('.ffops/prod/plan.sealed');
    expect(sealed).not.to.include('two').and.not.include('stacks');
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    await workshop.ports.files.write(join(workshop.folder, '.ffops/prod/plan.sealed'), sealed);
    const again = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(again.earlierPlan).to.include({ used: false, because: 'the state of base changed since' });
  });

  it('keeps state and plans encrypted', async () => {
    workshop = await openWorkshop({ base: { body: thing('canary-in-the-state') } });
    const { run } = await plan(workshop.ports, planRequest(workshop), workshop.emit);
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    const state = await workshop.read('.ffops/prod/state/base.tfstate');
    expect(state).to.include('encrypted_data').and.not.include('canary-in-the-state');
    expect(await workshop.read(`.ffops/prod/plans/${run}/base.tfplan`))
      .to.include('encrypted_data')
      .and.not.include('canary');
  });

  it('says what changes in which line, and calls out what would be lost', async () => {
    const resources = [
      {
        address: 'terraform_data.thing',
        type: 'terraform_data',
        title: 'the disk',
        origin: origin(12),
        holdsData: { name: 'disk', what: 'all of it' },
      },
    ];
    const body = (size: string, label: string) =>
      `resource "terraform_data" "thing" {\n  input            = "${label}"\n  triggers_replace = "${size}"\n}\n`;
    workshop = await openWorkshop({ base: { body: body('1', 'a'), resources } });
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    await workshop.write('base', body('2', 'b'));
    const found = await plan(workshop.ports, planRequest(workshop), workshop.emit);
    const change = found.stacks[0]!.changes[0]!;
    expect(change).to.include({ action: 'replace', title: 'the disk' });
    expect(change.origin).to.deep.equal(origin(12));
    expect(change.losesData).to.deep.equal({ name: 'disk', what: 'all of it' });
    expect(change.attributes).to.deep.include({
      path: 'triggers_replace',
      before: '1',
      after: '2',
      forcesReplacement: true,
    });

    const refused = await apply(workshop.ports, applyRequest(workshop), workshop.emit).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'consent.data-loss', exitCode: 6 });
    const done = await apply(workshop.ports, applyRequest(workshop, { loseData: ['disk'] }), workshop.emit);
    expect(done.stacks[0]).to.include({ outcome: 'applied' });
  });

  it('takes away a stack that left the environment, after showing it, and leaves nothing of it', async () => {
    workshop = await openWorkshop({ base: { body: thing('base') }, app: { after: ['base'], body: thing('app') } });
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    const { folder } = workshop;
    workshop = await openWorkshop({ base: { body: thing('base') } }, { folder });
    const shown = await plan(workshop.ports, planRequest(workshop), workshop.emit);
    expect(
      shown.stacks.map(({ stack, title, changes }) => [stack, title, changes.map(({ action }) => action)]),
    ).to.deep.equal([
      ['base', 'the base stack', []],
      ['app', 'the app stack (no longer in the environment)', ['delete']],
    ]);
    const done = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(done.stacks.map(({ stack, outcome }) => [stack, outcome])).to.deep.equal([
      ['base', 'unchanged'],
      ['app', 'applied'],
    ]);
    expect(await workshop.ports.files.list(join(folder, '.ffops/prod/retired'))).to.deep.equal([]);
    const after = await plan(workshop.ports, planRequest(workshop), workshop.emit);
    expect(after.stacks.map(({ stack }) => stack)).to.deep.equal(['base']);
  });

  it('skips what depends on a failure, goes on with the rest, and converges when run again', async () => {
    const failing =
      'resource "terraform_data" "thing" {\n  provisioner "local-exec" {\n    command = "exit 3"\n  }\n}\n';
    workshop = await openWorkshop({
      one: { body: failing },
      two: { after: ['one'], body: thing('two') },
      three: { after: ['two'], body: thing('three') },
      other: { body: thing('other') },
    });
    const result = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(result.verdict).to.equal('failed');
    expect(result.stacks.map(({ stack, outcome, because }) => [stack, outcome, because])).to.deep.equal([
      ['one', 'failed', undefined],
      ['two', 'skipped', 'one'],
      ['three', 'skipped', 'one'],
      ['other', 'applied', undefined],
    ]);
    expect(result.stacks[0]!.problem!.message).to.match(/^Stack one: .*local-exec.*exit status 3/);
    await workshop.write('one', thing('one'));
    const rerun = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(rerun.verdict).to.equal('done');
  });
});
