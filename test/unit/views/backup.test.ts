/** Backups as a terminal of 80 columns shows them. */
import { expect } from 'chai';
import type { BackupLine, BackupListResult } from '../../../src/usecases/backup-list.ts';
import { backupListText, scheduleText } from '../../../src/views/backup.ts';
import { drillText } from '../../../src/views/backup-drill.ts';
import { styleFor } from '../../../src/views/style.ts';

const style = styleFor(false);
const OWN = 'fullfrontend-prod';

const line = (more: Partial<BackupLine>): BackupLine => ({
  id: 'before-everything-20261127t101500z',
  of: OWN,
  kind: 'objects',
  what: 'data, apps-hello, apps-n8n',
  at: '2026-11-28T03:00:00Z',
  ageHours: 6.5,
  bytes: 123_456_789,
  expires: '2026-12-28T03:00:00Z',
  state: 'complete',
  where: `${OWN}-backups/velero/backups/x`,
  ...more,
});

const list = (backups: readonly BackupLine[]): BackupListResult => ({
  verdict: 'done',
  own: OWN,
  backups,
  troubles: [],
});

const widest = (text: string): number => Math.max(...text.split('\n').map(({ length }) => length));

describe('backups on a terminal', () => {
  it('stand below what they hold, where they lie, and whose they are', () => {
    const { of: _, ...nobodys } = line({ id: 'by-hand' });
    const text = backupListText(
      list([
        line({}),
        line({ id: 'velero-daily-20261128030000', state: 'partial', trouble: 'PartiallyFailed: 3 errors' }),
        line({ id: 'theirs', of: 'fullfrontend-staging' }),
        nobodys,
      ]),
      style,
    );
    expect(text.match(/^data, apps-hello, apps-n8n$/gm)).to.have.length(3);
    expect(text).to.include(`  ${OWN}-backups/velero/backups/ID`);
    expect(text).to.match(/partial\n {4}PartiallyFailed: 3 errors/);
    expect(text).to.match(/of fullfrontend-staging: restored with --of fullfrontend-staging only\n {2}theirs/);
    expect(text).to.match(/nobody has written on it whose it is\n {2}by-hand/);
    expect(widest(text)).to.be.at.most(80);
    expect(backupListText(list([]), style)).to.include('ffops backup create');
  });

  it('say when they are made, and when that last went well', () => {
    const schedule = {
      name: 'postgres-dump',
      kind: 'dump',
      namespaces: ['data'],
      cron: '0 3 * * *',
      retentionDays: 30,
    } as const;
    const shown = (lastGood?: string): string =>
      scheduleText(
        {
          verdict: 'done',
          schedules: [
            {
              ...schedule,
              state: 'asRendered',
              lastRun: '2026-11-28T03:00:00Z',
              ...(lastGood !== undefined && { lastGood }),
            },
          ],
        },
        style,
      );
    expect(shown('2026-11-28T03:01:07Z')).to.include('ran 2026-11-28 03:00, and well');
    expect(shown('2026-11-26T03:01:07Z')).to.include('well last 2026-11-26 03:01');
    expect(widest(shown('2026-11-26T03:01:07Z'))).to.be.at.most(80);
  });

  it('are told of by a drill in one table', () => {
    const part = { part: 'apps-wordpress', backup: 'velero-daily-20261128030000', compared: 12, differences: [] };
    const text = drillText(
      {
        verdict: 'done',
        environment: 'prod',
        what: 'everything',
        at: '',
        parts: [{ ...part, state: 'verified', rpoSeconds: 23_400, rtoSeconds: 65, bytes: 'none' }],
        records: [],
      },
      style,
    );
    expect(text).to.include('verified, no bytes');
    expect(widest(text)).to.be.at.most(80);
  });
});
