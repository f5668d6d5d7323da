/** The databases by hand: which one is meant, and what is refused before anything is lost. */
import { expect } from 'chai';
import { databaseShell, dumpDatabase, restoreDatabase, type DatabaseDeps } from '../../../src/usecases/databases.ts';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import { aBlueprint } from '../../support/blueprint.ts';
import { aScene, failure, pin, type Scene } from '../cluster/harness.ts';

const database = (engine: 'postgres' | 'mariadb', name: string): Blueprint['databases'][number] => ({
  engine,
  name,
  user: name,
  owner: name,
  passwordSecret: `${name}.databasePassword`,
});
const blueprint = aBlueprint({
  databases: [
    database('postgres', 'n8n'),
    database('mariadb', 'blog'),
    database('postgres', 'shop'),
    database('mariadb', 'shop'),
  ],
});
const whole = 'insert into t values (1);\n-- Dump completed on 2026-11-28  3:00:00\n';

function aDesk(files: Readonly<Record<string, string>> = {}): { scene: Scene; deps: DatabaseDeps } {
  const scene = aScene(blueprint, { files });
  return { scene, deps: { ...scene.deps, terminal: scene.fakes.terminal, pin: async () => pin } };
}

const restore = (deps: DatabaseDeps, name: string, loseData: readonly string[]) =>
  restoreDatabase(deps, { name, file: 'a.dump', here: '/w', loseData });

describe('databases by hand', () => {
  it('are known by their name, with the engine before it where both have one', async () => {
    const { scene, deps } = aDesk();
    for (const [name, pod] of [
      ['n8n', 'postgres-0'],
      ['mariadb/shop', 'mariadb-0'],
      ['postgres/by hand', 'postgres-0'],
    ] as const) {
      scene.expect('kubectl', pod);
      expect(await databaseShell(deps, name)).to.equal(0);
    }
    expect((await failure(databaseShell(deps, 'shop'))).message).to.include('More than one engine');
    expect((await failure(databaseShell(deps, 'nope'))).code).to.equal('databases.unknown');
    expect((await failure(databaseShell(deps, 'oracle/nope'))).code).to.equal('databases.unknown');
    scene.fakes.verify();
  });

  it('are quoted, whatever they are called', async () => {
    const { scene, deps } = aDesk();
    scene.expect('kubectl', String.raw`dbname='it\'s host=elsewhere'`);
    await databaseShell(deps, "postgres/it's host=elsewhere");
    scene.fakes.verify();
  });

  it('are not filled from a file of MariaDB that ends too early, which it would take without a word', async () => {
    const { scene, deps } = aDesk({ '/w/a.dump': whole.slice(0, 30) });
    expect((await failure(restore(deps, 'blog', ['blog']))).code).to.equal('databases.cut');
    const { scene: another, deps: good } = aDesk({ '/w/a.dump': whole });
    another.expect('kubectl', 'mariadb-0');
    expect((await restore(good, 'blog', ['blog'])).bytes).to.equal(whole.length);
    scene.fakes.verify();
    another.fakes.verify();
  });

  it('are not replaced unless somebody says so', async () => {
    const { deps } = aDesk({ '/w/a.dump': 'PGDMP' });
    expect((await failure(restore(deps, 'n8n', []))).code).to.equal('consent.data-loss');
    expect((await failure(restore(deps, 'n8n', ['blog']))).code).to.equal('consent.data-loss');
  });

  it('leave no file behind when their end did not come through', async () => {
    const { scene, deps } = aDesk();
    scene.fakes.runner.expect({ program: 'kubectl' }, async ({ outputFile }) => {
      await scene.fakes.files.write(outputFile!, whole.slice(0, 30));
      return {};
    });
    expect((await failure(dumpDatabase(deps, 'blog', 'blog.dump', '/w'))).code).to.equal('databases.cut');
    expect([...scene.fakes.files.content.keys()]).to.deep.equal([]);
  });
});
