import { expect } from 'chai';
import type { ApplyResult } from '../../../src/usecases/apply.ts';
import type { DestroyResult } from '../../../src/usecases/destroy.ts';
import { applyText } from '../../../src/views/apply.ts';
import { destroyText } from '../../../src/views/destroy.ts';
import { styleFor } from '../../../src/views/style.ts';
import { planOf } from '../engine/sketches.ts';

/** Before the first stack. */
function ended(state: 'failed' | 'stopped', verdict: 'failed' | 'interrupted'): ApplyResult & DestroyResult {
  const plan = {
    run: 'r',
    environment: 'prod',
    destroy: false,
    formerVolumes: [],
    stacks: [planOf('base', { state })],
  };
  return { run: 'r', plan, verdict, stacks: [], databases: [], kept: [], orphans: [] };
}

describe('a run that ended before its first stack', () => {
  const style = styleFor(false);

  it('says that nothing happened, and why', () => {
    expect(applyText(ended('failed', 'failed'), style)).to.equal('Nothing was applied: the plan failed.\n');
    expect(destroyText(ended('failed', 'failed'), style)).to.equal('Nothing was destroyed: the plan failed.\n');
  });

  it('says what to do when somebody interrupted it', () => {
    const again = 'interrupted while planning. Run the same command again.\n';
    expect(applyText(ended('stopped', 'interrupted'), style)).to.equal(`Nothing was applied: ${again}`);
    expect(destroyText(ended('stopped', 'interrupted'), style)).to.equal(`Nothing was destroyed: ${again}`);
  });
});
