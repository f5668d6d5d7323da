import { expect } from 'chai';
import { changedOutputs, changesOf } from '../../../src/engine/changes.ts';
import { readTofuPlan } from '../../../src/tools/tofu.ts';
import { resourceOf, stackOf } from './sketches.ts';

const stack = stackOf('base', {
  resources: [
    resourceOf('disk.main', { holdsData: { name: 'main', what: 'every file' } }),
    resourceOf('helm_release.db', { holdsData: { name: 'db', what: 'the tables' } }),
  ],
});

function planned(address: string, change: object, more: object = {}) {
  const text = JSON.stringify({
    resource_changes: [{ address, type: address.split('.')[0], mode: 'managed', change, ...more }],
  });
  return changesOf(stack, readTofuPlan(text));
}

describe('what a plan would change', () => {
  it('names each action', () => {
    const action = (change: object) => planned('disk.x', change)[0]?.action;
    expect(action({ actions: ['create'] })).to.equal('create');
    expect(action({ actions: ['delete', 'create'] })).to.equal('replace');
    expect(action({ actions: ['create', 'delete'] })).to.equal('replace');
    expect(action({ actions: ['no-op'], importing: { id: '7' } })).to.equal('import');
    expect(action({ actions: ['no-op'] })).to.equal(undefined);
    expect(action({ actions: ['read'] })).to.equal(undefined);
  });

  it('finds the resource behind an index, with the line it comes from', () => {
    const [change] = planned('disk.main["a.b"]', { actions: ['create'] });
    expect(change).to.deep.include({ title: 'thing disk.main', origin: stack.resources[0]!.origin });
  });

  it('says what is lost by deleting or replacing, but not by creating or changing', () => {
    const loses = (actions: string[]) => planned('disk.main', { actions })[0]!.losesData?.name;
    expect([['delete'], ['delete', 'create'], ['create'], ['update']].map(loses)).to.deep.equal([
      'main',
      'main',
      undefined,
      undefined,
    ]);
  });

  it('still knows what was lost when the environment does not mention it any more', () => {
    const text = (address: string) =>
      JSON.stringify({
        resource_changes: [
          {
            address,
            type: address.split('.')[0],
            mode: 'managed',
            change: { actions: ['delete'], before: { name: 'shop.example' } },
          },
        ],
      });
    const without = stackOf('base');
    const losses = (address: string, applied?: typeof stack) =>
      changesOf(without, readTofuPlan(text(address)), applied)[0]!.losesData?.name;
    expect(losses('disk.main', stack)).to.equal('main');
    expect(losses('digitalocean_domain.root')).to.equal('shop.example');
    expect(losses('digitalocean_spaces_bucket.backups')).to.equal('shop.example');
    expect(losses('helm_release.gone')).to.equal('shop.example');
    expect(losses('digitalocean_record.www')).to.equal(undefined);
  });

  it('knows that the volumes of a release outlive it', () => {
    const [gone] = planned('helm_release.db', { actions: ['delete'] });
    expect(gone)
      .to.deep.include({ keepsData: { name: 'db', what: 'the tables' } })
      .and.not.have.property('losesData');
    const [anew] = planned('helm_release.db', { actions: ['delete', 'create'] });
    expect(anew).not.to.have.any.keys('keepsData', 'losesData');
  });

  it('cannot say that of a release which nobody knows, unless its installation had failed', () => {
    const unknown = (reason: string) => {
      const change = { actions: ['delete', 'create'], before: { name: 'db' } };
      return planned('helm_release.unknown', change, { action_reason: reason })[0]!.losesData?.name;
    };
    expect(unknown('replace_because_cannot_update')).to.equal('db');
    expect(unknown('replace_because_tainted')).to.equal(undefined);
  });

  it('shows attributes leaf by leaf, says which one replaces, and hides what is sensitive, wholly or in part', () => {
    const [change] = planned('disk.x', {
      actions: ['delete', 'create'],
      before: { size: 1, tags: ['a'], login: { user: 'ann', password: 'old-secret' }, token: 'old-token', same: true },
      after: {
        size: 2,
        tags: ['a', 'b'],
        login: { user: 'bob', password: 'new-secret' },
        token: 'new-token',
        same: true,
      },
      after_unknown: { id: true },
      before_sensitive: { login: { password: true }, token: true },
      after_sensitive: { login: { password: true }, token: true },
      replace_paths: [['size']],
    });
    expect(change!.attributes).to.deep.equal([
      { path: 'size', before: '1', after: '2', forcesReplacement: true },
      { path: 'tags.1', before: '', after: 'b', forcesReplacement: false },
      { path: 'login.user', before: 'ann', after: 'bob', forcesReplacement: false },
      { path: 'login.password', before: '(sensitive)', after: '(sensitive)', forcesReplacement: false },
      { path: 'token', before: '(sensitive)', after: '(sensitive)', forcesReplacement: false },
      { path: 'id', before: '', after: '(known after apply)', forcesReplacement: false },
    ]);
    expect(JSON.stringify(change)).not.to.match(/old-|new-/);
  });

  it('hides everything below a branch that is sensitive as a whole', () => {
    const change = planned('disk.x', {
      actions: ['update'],
      before: { login: { a: 'x1' } },
      after: { login: { a: 'x2' } },
      after_sensitive: { login: true },
    });
    expect(JSON.stringify(change)).to.include('(sensitive)').and.not.match(/x1|x2/);
  });

  it('tells which outputs get another value', () => {
    const text = JSON.stringify({ output_changes: { same: { actions: ['no-op'] }, id: { actions: ['create'] } } });
    expect(changedOutputs(readTofuPlan(text))).to.deep.equal(['id']);
  });
});
