/** The step that makes databases, in a real run: after their server, before the apps, and also when nothing else is to do. */
import { expect } from 'chai';
import { FailedError } from '../../../src/errors.ts';
import type { ProvisionedDatabase } from '../../../src/ports/cluster.ts';
import { apply, type ApplyRequest } from '../../../src/usecases/apply.ts';
import { plan } from '../../../src/usecases/plan.ts';
import { aRelease } from '../../support/blueprint.ts';
import { applyRequest, planRequest } from './requests.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const thing = 'resource "terraform_data" "thing" {\n  input = "one"\n}\n';

describe('databases, between their server and the apps', function () {
  this.timeout(60_000);
  let workshop: Workshop;
  let order: string[];
  let answer: () => Promise<readonly ProvisionedDatabase[]>;
  beforeEach(async () => {
    order = [];
    workshop = await openWorkshop(
      {
        data: { body: thing },
        'app-shop': { after: ['data'], body: thing },
        'app-blog': { after: ['data'], body: thing },
      },
      {
        cluster: {
          provisionDatabases: async () => {
            order.push('provisioned');
            return answer();
          },
        },
      },
    );
  });
  afterEach(() => workshop.remove());

  function request(): ApplyRequest {
    const whole = applyRequest(workshop);
    const { blueprint } = whole.target;
    const stacks = blueprint.stacks.map((stack) =>
      stack.name === 'app-shop' ? { ...stack, releases: [aRelease({ entry: 'shop' })] } : stack,
    );
    return {
      ...whole,
      target: {
        ...whole.target,
        blueprint: {
          ...blueprint,
          stacks,
          databases: [
            { engine: 'postgres', name: 'shop', user: 'shop', owner: 'shop', passwordSecret: 'shop.databasePassword' },
          ],
          provisioners: [
            {
              engine: 'postgres',
              namespace: 'data',
              stack: 'data',
              cronJob: 'postgres-databases',
              secret: 'postgres-databases',
            },
          ],
        },
      },
    };
  }
  const emit = async (event: Parameters<Workshop['emit']>[0]): Promise<void> => {
    if (event.kind === 'stack-ended') order.push(event.stack);
    await workshop.emit(event);
  };

  it('are made in that order, and made sure of by an apply that has nothing else to do', async () => {
    answer = async () => [
      { engine: 'postgres', name: 'shop', owner: 'shop', did: ['role-created', 'database-created'] },
    ];
    const first = await apply(workshop.ports, request(), emit);
    expect(first.verdict).to.equal('done');
    expect(first.databases.map(({ owner }) => owner)).to.deep.equal(['shop']);
    expect(order.lastIndexOf('data')).to.be.lessThan(order.lastIndexOf('provisioned'));
    expect(order.lastIndexOf('postgres-databases')).to.be.lessThan(order.lastIndexOf('app-shop'));

    expect(
      (await plan(workshop.ports, { ...planRequest(workshop), target: request().target }, workshop.emit)).verdict,
    ).to.equal('done');
    order = [];
    answer = async () => [{ engine: 'postgres', name: 'shop', owner: 'shop', did: [] }];
    const again = await apply(workshop.ports, { ...request(), yes: false }, emit);
    expect([again.verdict, again.stacks, again.databases.length]).to.deep.equal(['done', [], 1]);
    expect(order.slice(-2), 'after the plan').to.deep.equal(['provisioned', 'postgres-databases']);
  });

  it('keep an app waiting that has none, and no other', async () => {
    answer = async () => {
      throw new FailedError('databases.failed', { message: 'The database of shop could not be made.' });
    };
    const result = await apply(workshop.ports, request(), emit);
    expect(result.verdict).to.equal('failed');
    expect(Object.fromEntries(result.stacks.map(({ stack, outcome }) => [stack, outcome]))).to.deep.equal({
      data: 'applied',
      'app-shop': 'skipped',
      'app-blog': 'applied',
      'postgres-databases': 'failed',
    });
  });
});
