import { expect } from 'chai';
import type { ReleaseTrouble } from '../../../src/ports/cluster.ts';
import { ConsentError } from '../../../src/errors.ts';
import { exitCodeOfResult } from '../../../src/cli/exit.ts';
import { apply } from '../../../src/usecases/apply.ts';
import { applyRequest } from './requests.ts';
import { openWorkshop, origin, type Workshop } from './workshop.ts';

const release = {
  name: 'web',
  namespace: 'app',
  entry: 'web',
  chart: { kind: 'first-party', name: 'web' },
  context: {},
  timeoutSeconds: 60,
  after: [],
  reads: [],
  origin: origin(4),
  workloads: true,
} as const;
const thing = (value: string) => `resource "terraform_data" "thing" {\n  triggers_replace = "${value}"\n}\n`;

describe('releases and late plans, with the real tofu', function () {
  this.timeout(120_000);
  let workshop: Workshop;
  afterEach(() => workshop.remove());

  it('looks after a release again until it is ready, although the plan is empty by then', async () => {
    const done: string[] = [];
    let trouble: ReleaseTrouble | undefined = { release: 'web', namespace: 'app', lines: ['pod web-0 crashes'] };
    const object = {
      stack: 'app',
      kind: 'Secret',
      namespace: 'app',
      name: 's',
      action: 'update',
      origin: origin(1),
      rolls: ['web'],
    } as const;
    let objects: readonly (typeof object)[] = [object];
    workshop = await openWorkshop(
      { app: { body: thing('1'), needsCluster: true, releases: [release] } },
      {
        cluster: {
          access: async () => ({ kubeconfig: '', context: '', variables: {} }),
          compareObjects: async () => objects,
          deliver: async () => (done.push('deliver'), []),
          stampWorkloads: async () => (done.push('stamp'), []),
          waitUntilReady: async () => (done.push('wait'), trouble),
          releases: async () => [],
          diagnose: async () => undefined,
        },
      },
    );
    const first = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(first.stacks[0]).to.deep.include({ outcome: 'failed' });
    expect(first.stacks[0]!.problem).to.deep.equal({
      message: 'Release web in app is not ready.',
      hints: ['pod web-0 crashes'],
    });

    objects = [];
    done.length = 0;
    const second = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(second.plan.stacks[0]!.state).to.equal('unchanged');
    expect(done).to.deep.equal(['deliver', 'stamp', 'wait']);
    expect(second.verdict).to.equal('failed');

    trouble = undefined;
    expect((await apply(workshop.ports, applyRequest(workshop), workshop.emit)).verdict).to.equal('done');
    done.length = 0;
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(done).to.deep.equal([]);
  });

  it('asks anew before a stack that could be planned only late loses data, and says refused', async () => {
    const variables = [{ name: 'id', type: 'string', description: '', from: { stack: 'base', output: 'id' } }] as const;
    const base = (id: string) =>
      `output "id" {\n  value = terraform_data.id.output\n}\n\nresource "terraform_data" "id" {\n  input = "${id}"\n}\n`;
    const app = `variable "id" {\n  type = string\n}\n\n${thing('${var.id}')}`;
    const resources = [
      {
        address: 'terraform_data.thing',
        type: 'terraform_data',
        title: 'the disk',
        origin: origin(9),
        holdsData: { name: 'disk', what: 'every file' },
      },
    ];
    workshop = await openWorkshop({
      base: { body: base('a') },
      app: { after: ['base'], body: app, variables, resources },
    });
    await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    await workshop.write('base', base('b'));
    const late = await apply(workshop.ports, applyRequest(workshop), workshop.emit);
    expect(late.plan.stacks.map(({ state }) => state)).to.deep.equal(['planned', 'unknown']);
    expect(late.stacks.map(({ outcome }) => outcome)).to.deep.equal(['applied', 'failed']);
    expect(exitCodeOfResult(late)).to.equal(new ConsentError('x', { message: 'x' }).exitCode);
    expect(late.stacks[1]!.problem!.hints).to.deep.equal(['When that is what you want: --allow-data-loss disk']);
    const agreed = await apply(workshop.ports, applyRequest(workshop, { loseData: ['disk'] }), workshop.emit);
    expect(agreed.verdict).to.equal('done');
  });
});
