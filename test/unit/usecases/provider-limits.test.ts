import { expect } from 'chai';
import { registry } from '../../../src/blueprint/registry.ts';
import { UserError } from '../../../src/errors.ts';
import { realFiles } from '../../../src/adapters/files.ts';
import { loadEnvironment } from '../../../src/model/load.ts';
import { loadPins } from '../../../src/toolchain/pins.ts';
import { refuseWhatProvidersLack } from '../../../src/usecases/provider-limits.ts';

const refusal = async (...lines: string[]): Promise<UserError | undefined> => {
  const { providers } = await loadPins(realFiles());
  const text = ['platform: doks', 'rootDomain: example.org', 'tls: { email: ops@example.org }', ...lines, ''].join(
    '\n',
  );
  const loaded = await loadEnvironment({
    file: 'environments/prod.yaml',
    text,
    name: 'prod',
    workspace: 'shop',
    registry,
  });
  try {
    refuseWhatProvidersLack(loaded, {
      reason: 'nobody answered',
      versions: { digitalocean: '1.23.0' },
      lacks: Object.values(providers).flatMap(({ buildableLacks }) => buildableLacks),
    });
  } catch (error) {
    return error as UserError;
  }
  return undefined;
};

describe('providers too old for an environment', () => {
  it('are no matter when it asks for nothing that they lack', async () => {
    expect(await refusal()).to.equal(undefined);
    expect(
      await refusal('cluster:', '  nodePools: [{ name: work, size: s-2vcpu-4gb, count: 2, taints: [] }]'),
    ).to.equal(undefined);
  });

  it('are told at each option that they lack, with what to do', async () => {
    const error = await refusal(
      'cluster:',
      '  highAvailability: false',
      '  maintenance: { day: sunday, start: "04:00" }',
      '  nodePools:',
      '    - { name: work, size: s-2vcpu-4gb, count: 2 }',
      '    - name: data',
      '      size: s-2vcpu-4gb',
      '      count: 1',
      '      taints: [{ key: only, value: data, effect: NoSchedule }]',
    );
    expect(error).to.be.instanceOf(UserError);
    expect(error!.problems.map(({ message, at }) => [message.split(':')[0], at!.file, at!.line])).to.deep.equal([
      ['`cluster.highAvailability` cannot be rehearsed here', 'environments/prod.yaml', 5],
      ['`cluster.maintenance` cannot be rehearsed here', 'environments/prod.yaml', 6],
      ['`cluster.nodePools[1].taints` cannot be rehearsed here', 'environments/prod.yaml', 12],
    ]);
    expect(error!.problems[0]!.message).to.include('digitalocean 1.23.0');
    expect(error!.problems[0]!.hints!.join(' ')).to.include('because nobody answered');
  });
});
