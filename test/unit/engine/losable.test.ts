import { expect } from 'chai';
import type { Target } from '../../../src/engine/contracts.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { layoutOf } from '../../../src/engine/layout.ts';
import { refuseUnknownNames } from '../../../src/engine/losable.ts';
import { UserError } from '../../../src/errors.ts';
import { aBlueprint, aRelease, aStack } from '../../support/blueprint.ts';
import { fakePorts } from '../../support/fakes.ts';

const holding = (name: string) => aRelease({ holdsData: { name, what: `the files of ${name}` } });
const blueprint = aBlueprint({ stacks: [aStack({ releases: [holding('shop')] })] });

/** A blog that has gone has left its volume in the cluster; a cluster that has gone has left one of a wiki. */
function engine(): Engine {
  const remembered = [{ kind: 'volume', name: 'pvc-1', reason: 'the wiki, deleted by …', data: 'wiki' }];
  const target = {
    blueprint,
    surroundings: { root: '.ffops' },
    workspace: '/w',
    cluster: {
      access: async () => ({}),
      keptVolumes: async () => [
        {
          stack: 'app-blog',
          namespace: 'apps-blog',
          claim: 'files',
          data: { name: 'blog', what: 'its files' },
          deletedBy: 'ffops destroy -e dev --stack app-blog --allow-data-loss blog',
        },
      ],
    },
  } as unknown as Target;
  const layout = layoutOf(target);
  const { ports } = fakePorts({ files: { [layout.kept]: JSON.stringify(remembered) } });
  const retired = [aStack({ name: 'app-forum', releases: [holding('forum')] })];
  return { ports, target, layout, retired } as unknown as Engine;
}

async function said(command: 'apply' | 'destroy', ...names: readonly string[]): Promise<readonly string[]> {
  try {
    await refuseUnknownNames(engine(), names, command);
    return [];
  } catch (error) {
    expect(error).to.be.instanceOf(UserError);
    return (error as UserError).problems.map(({ message, hints }) => [message, ...(hints ?? [])].join(' '));
  }
}

describe('the names of what may be lost', () => {
  it('are those of what is here, of what goes, and of claims that only the cluster knows', async () => {
    for (const command of ['apply', 'destroy'] as const)
      expect(await said(command, 'shop', 'forum', 'other/claim')).to.deep.equal([]);
  });

  it('are refused when nothing bears them, with all there are', async () => {
    for (const command of ['apply', 'destroy'] as const) {
      expect(await said(command, 'shpo', 'shop')).to.deep.equal([
        '--allow-data-loss shpo: nothing here is called that. What holds data: blog, forum, shop, wiki.',
      ]);
    }
  });

  it('of apps that have gone are for a destroy; an apply that loses nothing of them says what does', async () => {
    expect(await said('destroy', 'blog', 'wiki')).to.deep.equal([]);
    const [blog, wiki] = await said('apply', 'blog', 'wiki');
    expect(blog).to.match(/^--allow-data-loss blog: an apply loses nothing of that name/);
    expect(blog).to.include('`ffops destroy -e dev --stack app-blog --allow-data-loss blog` deletes it.');
    expect(wiki).to.include('deleted by …');
  });
});
