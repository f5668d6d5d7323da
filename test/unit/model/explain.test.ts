import { expect } from 'chai';
import { explain } from '../../../src/model/explain.ts';
import { load, prod } from './support.ts';

describe('explaining an environment', () => {
  it('lists values in the order of the file, defaults behind what is written', async () => {
    const paths = explain(
      await load(prod('apps:', '  blog:', '    title: x', 'dns:', '  ttl: 60', 'cluster:', '  version: "1.34"')),
    ).map(({ path }) => path);
    expect(paths.slice(0, 7)).to.deep.equal([
      'platform',
      'rootDomain',
      'apps.blog.title',
      'apps.blog.storage',
      'dns.ttl',
      'dns.provider',
      'cluster.version',
    ]);
    expect(paths.indexOf('cluster.name')).to.be.greaterThan(paths.indexOf('cluster.version'));
    expect(paths.indexOf('backups.schedule')).to.be.greaterThan(paths.indexOf('cluster.name'));
  });

  it('says where each comes from', async () => {
    const explained = explain(await load(prod('apps:', '  blog:', '    title: Acme', '  flow:')));
    const of = (path: string) => explained.find((line) => line.path === path);
    expect(of('apps.blog.title')).to.deep.include({ value: 'Acme' });
    expect(of('apps.blog.title')?.origin).to.deep.include({ kind: 'file', line: 5 });
    expect(of('apps.flow.mailer.port')?.origin).to.deep.equal({
      kind: 'catalogue',
      path: 'apps.flow.mailer.port',
      entry: 'flow',
    });
    expect(of('dns.ttl')?.origin).to.deep.include({ kind: 'platform' });
    expect(of('cluster.autoUpgrade')?.origin.kind).to.equal('ffops');
  });

  it('shows empty groups and lists, so that nothing is hidden', async () => {
    const explained = explain(await load(prod('mail: {}')));
    expect(explained.find(({ path }) => path === 'mail.mx')?.value).to.deep.equal([]);
    expect(explained.find(({ path }) => path === 'apps')?.value).to.deep.equal({});
  });

  it('covers every value of the environment exactly once, each with the origin that origins.of gives', async () => {
    const loaded = await load(
      prod('cluster:', '  nodePools: [{name: a, size: small, count: 1}]', 'apps: {blog: , flow: }'),
    );
    const explained = explain(loaded);
    expect(explained.map(({ path }) => path).sort()).to.deep.equal(leaves(loaded.environment, '').sort());
    for (const { path, origin } of explained) expect(origin, path).to.deep.equal(loaded.origins.of(path));
  });
});

function leaves(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [path];
  const join = (key: string): string =>
    Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
  return Object.entries(value).flatMap(([key, child]) => leaves(child, join(key)));
}
