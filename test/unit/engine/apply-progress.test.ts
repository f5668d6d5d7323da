import { expect } from 'chai';
import { applyProgress } from '../../../src/engine/apply-progress.ts';
import type { EngineEvent } from '../../../src/engine/engine.ts';
import { readTofuEvent } from '../../../src/tools/tofu.ts';

const hook = (type: string, addr: string, action = 'delete') =>
  JSON.stringify({ '@level': 'info', type, hook: { resource: { addr }, action } });
const error = (summary: string, address?: string) =>
  JSON.stringify({ '@level': 'error', type: 'diagnostic', diagnostic: { severity: 'error', summary, address } });
const LEFT =
  'uninstallation completed with 1 error(s): these resources were kept due to the resource policy: [PersistentVolumeClaim] shop-files';

/** What people read, in order; `…` stands between what is told at once and what the end of the run tells. */
function told(...lines: readonly string[]): readonly string[] {
  const said: string[] = [];
  const emit = (event: EngineEvent): void => {
    if (event.kind === 'resource') said.push(`${event.phase} ${event.address}`);
  };
  const progress = applyProgress({ emit }, 'app-shop');
  for (const event of lines.map(readTofuEvent)) if (event) progress.tell(event);
  said.push('…');
  progress.end(lines.join('\n'));
  return said;
}

describe('the progress of an apply', () => {
  it('tells what begins, ends and fails as it does', () => {
    expect(
      told(
        hook('apply_start', 'helm_release.shop', 'create'),
        hook('apply_errored', 'helm_release.shop', 'create'),
        hook('apply_start', 'digitalocean_domain.root'),
        hook('apply_errored', 'digitalocean_domain.root'),
        error('timed out', 'helm_release.shop'),
      ),
    ).to.deep.equal([
      'started helm_release.shop',
      'failed helm_release.shop',
      'started digitalocean_domain.root',
      'failed digitalocean_domain.root',
      '…',
    ]);
  });

  it('calls a release gone that left its volumes, whatever its provider calls that', () => {
    expect(told(hook('apply_errored', 'helm_release.shop'), error(LEFT, 'helm_release.shop'))).to.deep.equal([
      '…',
      'left-volumes helm_release.shop',
    ]);
    expect(told(hook('apply_errored', 'helm_release.shop'), error(LEFT))).to.deep.equal([
      '…',
      'left-volumes helm_release.shop',
    ]);
  });

  it('calls a release that could not be removed a failure, also beside one that left its volumes', () => {
    expect(
      told(
        hook('apply_errored', 'helm_release.shop'),
        hook('apply_errored', 'helm_release.blog'),
        error(LEFT, 'helm_release.shop'),
        error('the cluster does not answer', 'helm_release.blog'),
      ),
    ).to.deep.equal(['…', 'left-volumes helm_release.shop', 'failed helm_release.blog']);
    expect(told(hook('apply_errored', 'helm_release.shop'), error('no answer', 'helm_release.shop'))).to.deep.equal([
      '…',
      'failed helm_release.shop',
    ]);
  });
});
