import { expect } from 'chai';
import { lossesOf, refuseUnnamedLosses, wantsNewConsent } from '../../../src/engine/consent.ts';
import { ConsentError } from '../../../src/errors.ts';
import { askFor } from '../../../src/usecases/apply.ts';
import { fakePorts } from '../../support/fakes.ts';
import { changeOf, planOf } from './sketches.ts';

const losing = changeOf({ action: 'replace', losesData: { name: 'disk', what: 'every file' } });
const plan = { stacks: [planOf('base', { state: 'planned', changes: [losing, changeOf()] })] };

describe('consent', () => {
  it('refuses a loss that nobody named, and tells the flag', () => {
    expect(lossesOf(plan).map(({ name }) => name)).to.deep.equal(['disk']);
    expect(() => refuseUnnamedLosses(plan, new Set(['other'])))
      .to.throw(ConsentError, 'This would lose every file (disk.main).')
      .with.deep.nested.property('problems[0].hints', ['When that is what you want: --allow-data-loss disk']);
    expect(() => refuseUnnamedLosses(plan, new Set(['disk']))).not.to.throw();
  });

  it('tells first how what would be lost stays, where there is a way', () => {
    const losesData = { name: 'files', what: 'the bucket', keep: 'List it.' };
    expect(() => refuseUnnamedLosses({ stacks: [planOf('base', { changes: [changeOf({ losesData })] })] }, new Set()))
      .to.throw(ConsentError)
      .with.deep.nested.property('problems[0].hints', [
        'List it.',
        'When that is what you want: --allow-data-loss files',
      ]);
  });

  it('asks anew for a plan made on the way only when it takes something away', () => {
    const wants = (action: 'create' | 'update' | 'replace' | 'delete' | 'import') =>
      wantsNewConsent({ stacks: [planOf('a', { changes: [changeOf({ action })] })] });
    expect((['create', 'update', 'import', 'replace', 'delete'] as const).map(wants)).to.deep.equal([
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it('takes silence, and anything but yes, for no', async () => {
    const alone = fakePorts();
    const error = await askFor(alone.ports, 'Apply?').catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'consent.nobody', exitCode: 6 });
    const asked = fakePorts({ interactive: true });
    asked.terminal.answer('Apply?', false);
    expect(await askFor(asked.ports, 'Apply?').catch((thrown: unknown) => thrown)).to.include({
      code: 'consent.refused',
      exitCode: 6,
    });
    asked.terminal.answer('Apply?', true);
    await askFor(asked.ports, 'Apply?');
  });
});
