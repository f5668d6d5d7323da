import { expect } from 'chai';
import { UserError } from '../../../src/errors.ts';
import { createEnvironment } from '../../../src/usecases/environment-create.ts';
import { fakePorts } from '../../support/fakes.ts';

const workspace = { root: '/shop', name: 'shop' };

describe('creating an environment', () => {
  it('asks for what is not given, and writes the answers', async () => {
    const fakes = fakePorts({ interactive: true });
    fakes.terminal.answer('Where', 'local');
    fakes.terminal.answer('domain', 'shop.kube');
    const request = { workspace, name: 'dev', platform: undefined, rootDomain: undefined };
    const result = await createEnvironment(fakes.ports, request);
    fakes.verify();
    expect(result).to.deep.equal({
      name: 'dev',
      file: 'environments/dev.yaml',
      platform: 'local',
      rootDomain: 'shop.kube',
    });
    expect(fakes.files.content.get('/shop/environments/dev.yaml')).to.include(
      'platform: local\nrootDomain: shop.kube\n',
    );
    expect(fakes.files.content.has('/shop/.ffops/environment.schema.json')).to.equal(true);
  });

  it('refuses the domain of another environment, before it writes', async () => {
    const prod = 'platform: doks\nrootDomain: example.com\ntls: { issuer: none }\n';
    const fakes = fakePorts({ files: { '/shop/environments/prod.yaml': prod } });
    const request = { workspace, name: 'staging', platform: 'doks', rootDomain: 'example.com' };
    const refusal = await createEnvironment(fakes.ports, request).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).to.be.instanceOf(UserError);
    expect((refusal as UserError).message).to.include('belongs to the environment prod');
    expect(fakes.files.writes).to.deep.equal([]);
  });

  it('refuses an answer that would not load, before it writes', async () => {
    const fakes = fakePorts({ interactive: true });
    fakes.terminal.answer('domain', 'shop.kube');
    const request = { workspace, name: 'prod', platform: 'doks', rootDomain: undefined };
    const refusal = await createEnvironment(fakes.ports, request).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).to.be.instanceOf(UserError);
    expect((refusal as UserError).problems.every(({ at }) => at === undefined)).to.equal(true);
    expect(fakes.files.writes).to.deep.equal([]);
  });
});
