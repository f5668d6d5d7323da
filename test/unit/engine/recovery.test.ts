import { expect } from 'chai';
import { isOurs, tellPast } from '../../../src/engine/recovery.ts';
import { lockInTheWay } from '../../../src/tools/tofu.ts';

const unsettled = {
  addresses: new Set<string>(),
  tools: [{ host: 'desk', from: '2026-03-04T10:02:00.000Z' }],
  since: '2026-03-04T10:00:00.000Z',
};
const me = { user: 'ann', host: 'desk', pid: 1 };
const lock = (more: object = {}) => ({
  id: 'x',
  who: 'ann@desk',
  operation: 'OperationTypeApply',
  created: '2026-03-04 10:02:00.123456789 +0000 UTC',
  ...more,
});

describe('recovery', () => {
  it('takes a lock for its own only when user, host and a tool that was lost say so', () => {
    const at = (time: string) => isOurs(lock({ created: `2026-03-04 ${time} +0000 UTC` }), unsettled, me);
    expect(isOurs(lock(), unsettled, me)).to.equal(true);
    expect(['10:02:00.5', '10:02:59'].map(at)).to.deep.equal([true, true]);
    expect(['10:01:59', '10:03:01', '09:00:00'].map(at)).to.deep.equal([false, false, false]);
    expect(isOurs(lock({ who: 'bob@desk' }), unsettled, me)).to.equal(false);
    expect(isOurs(lock({ who: 'ann@other' }), unsettled, me)).to.equal(false);
    expect(isOurs(lock({ created: 'nonsense' }), unsettled, me)).to.equal(false);
    expect(isOurs(lock(), { ...unsettled, tools: [] }, me)).to.equal(false);
    expect(isOurs(lock(), { ...unsettled, tools: [{ host: 'other', from: unsettled.tools[0]!.from }] }, me)).to.equal(
      false,
    );
  });

  it('reads the lock out of what tofu says, as JSON or as text', () => {
    const info =
      'Lock Info:\n  ID:        0e1f-22\n  Path:      b/k\n  Operation: OperationTypeApply\n  Who:       ann@desk\n  Version:   1.12.6\n  Created:   2026-03-04 10:02:00.1 +0000 UTC\n';
    const expected = {
      id: '0e1f-22',
      who: 'ann@desk',
      operation: 'OperationTypeApply',
      created: '2026-03-04 10:02:00.1 +0000 UTC',
    };
    expect(lockInTheWay(`Error: Error acquiring the state lock\n\n${info}`)).to.deep.equal(expected);
    const event = {
      type: 'diagnostic',
      diagnostic: { severity: 'error', summary: 'Error acquiring the state lock', detail: info },
    };
    expect(lockInTheWay(JSON.stringify(event))).to.deep.equal(expected);
    expect(lockInTheWay('Error: something else')).to.equal(undefined);
  });

  it('tells who was interrupted, when and where', () => {
    const interrupted = { command: 'apply', by: 'ann@desk', pid: 3, since: 'yesterday', stacks: ['cloud'] };
    expect(tellPast({ interrupted, unsettled: new Map() })).to.equal(
      '"ffops apply" of ann@desk, begun yesterday, was interrupted. It was at cloud.',
    );
    expect(tellPast({ interrupted: undefined, unsettled: new Map() })).to.equal(undefined);
  });
});
