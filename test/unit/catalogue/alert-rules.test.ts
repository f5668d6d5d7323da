/** What our alerts do, minute by minute, as the real Prometheus reckons: each fires when it should, and not before. */
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../../support/cli.ts';
import { PROMETHEUS, serverOrSkip } from '../../support/servers/install.ts';
import { tempFolder } from '../../support/temp.ts';
import { runTool, toolOrSkip } from '../../support/tools.ts';

const HOUR = 60;
/** All that the chart can be told. Backups of two days, so that a test of the last good one is short. */
const VALUES = `parts: [traefik, certificates, velero, postgres, mariadb]
backupLateHours: 26
nightlyBackup: { schedule: velero-daily, retentionDays: 2 }
`;

interface Rule {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** Measurements by series, one value a minute in promtool's notation: \`1+0x9\` is ten times 1, \`_x9\` ten times nothing. */
type Series = Readonly<Record<string, string>>;

interface Case {
  readonly alert: string;
  readonly when: string;
  readonly series: Series;
  /** Minutes at which nothing may be heard of it. */
  readonly quiet: readonly number[];
  /** The minute at which it must be heard, with these labels beside its severity, and this summary; never when absent. */
  readonly fires?: { readonly at: number; readonly labels: Readonly<Record<string, string>>; readonly summary: string };
}

const always = (value: number, minutes: number): string => `${value}+0x${minutes}`;
const claim = { namespace: 'apps-n8n', persistentvolumeclaim: 'n8n-files' };
const volume = (used: string): Series => ({
  [`kubelet_volume_stats_used_bytes${selector(claim)}`]: used,
  [`kubelet_volume_stats_capacity_bytes${selector(claim)}`]: always(100, 90),
});
const container = { namespace: 'apps-n8n', pod: 'n8n-server-0', container: 'server' };
const waiting = `kube_pod_container_status_waiting_reason${selector({ ...container, reason: 'CrashLoopBackOff' })}`;
const nightly = { schedule: 'velero-daily' };
const lastGood = `velero_backup_last_successful_timestamp${selector(nightly)}`;
const dump = { namespace: 'data', cronjob: 'postgres-dump' };
const certificate = { name: 'n8n-tls', exported_namespace: 'apps-n8n' };
const expiry = `certmanager_certificate_expiration_timestamp_seconds${selector(certificate)}`;
const DAYS_14 = 14 * 24 * 3600;

const CASES: readonly Case[] = [
  {
    alert: 'VolumeNearlyFull',
    when: 'more than 85 % for a quarter of an hour',
    series: volume('85+0x9 86+0x60'),
    quiet: [9, 24],
    fires: { at: 25, labels: claim, summary: 'The volume n8n-files in apps-n8n is 86% full' },
  },
  {
    alert: 'VolumeFull',
    when: 'more than 95 % for five minutes',
    series: volume('95+0x9 96+0x60'),
    quiet: [9, 14],
    fires: { at: 15, labels: claim, summary: 'The volume n8n-files in apps-n8n is 96% full' },
  },
  {
    alert: 'PodCrashLooping',
    when: 'a container waits again and again for ten minutes, though it runs in between',
    series: { [waiting]: `0+0x9 ${'1 0 0 0 '.repeat(5)}` },
    quiet: [9, 19],
    fires: {
      at: 20,
      labels: { ...container, reason: 'CrashLoopBackOff' },
      summary: 'The container server of n8n-server-0 in apps-n8n ends again and again',
    },
  },
  {
    alert: 'PodCrashLooping',
    when: 'it happened once',
    series: { [waiting]: '0+0x9 1 0+0x30' },
    quiet: [10, 15, 20, 30],
  },
  {
    alert: 'BackupFailed',
    when: 'at once',
    series: { [`velero_backup_last_status${selector(nightly)}`]: '1+0x9 0+0x9' },
    quiet: [9],
    fires: { at: 10, labels: nightly, summary: 'The last backup of velero-daily failed' },
  },
  {
    alert: 'BackupFailed',
    when: 'a backup that somebody made by hand',
    series: { 'velero_backup_last_status{schedule=""}': always(0, 20) },
    quiet: [1, 20],
  },
  {
    alert: 'BackupLate',
    when: 'the last good one is older than 26 h',
    series: { [lastGood]: always(0, 27 * HOUR) },
    quiet: [25 * HOUR, 26 * HOUR],
    fires: {
      at: 26 * HOUR + 5,
      labels: nightly,
      summary: 'The last good backup of velero-daily is 1d 2h 5m 0s old',
    },
  },
  {
    alert: 'BackupMissing',
    when: 'none was good for 26 h',
    series: { [`velero_backup_attempt_total${selector(nightly)}`]: always(1, 27 * HOUR) },
    quiet: [5, 26 * HOUR - 5],
    fires: { at: 26 * HOUR, labels: nightly, summary: 'There is no good backup of velero-daily' },
  },
  {
    alert: 'BackupMissing',
    when: 'there is a good one',
    series: {
      [`velero_backup_attempt_total${selector(nightly)}`]: always(1, 27 * HOUR),
      [lastGood]: `_x${25 * HOUR} ${25 * HOUR * 60}+0x${2 * HOUR}`,
    },
    quiet: [26 * HOUR, 27 * HOUR],
  },
  {
    alert: 'BackupExpiresSoon',
    when: 'four fifths of the time that the last good one is kept are over',
    series: { [lastGood]: always(0, 39 * HOUR) },
    quiet: [38 * HOUR + 20],
    fires: {
      at: 38 * HOUR + 25,
      labels: nightly,
      summary: 'The last good backup of velero-daily is 1d 14h 25m 0s old, and goes when it is 2 days old',
    },
  },
  {
    alert: 'BackupStorageUnreachable',
    when: 'for a quarter of an hour',
    series: { 'velero_backup_location_status_gauge{backup_location_name="default"}': '1+0x9 0+0x30' },
    quiet: [9, 24],
    fires: {
      at: 25,
      labels: { backup_location_name: 'default' },
      summary: 'The bucket of the backups cannot be reached',
    },
  },
  {
    alert: 'DumpLate',
    when: 'the last good one is older than 26 h',
    series: { [`kube_cronjob_status_last_successful_time${selector(dump)}`]: always(0, 27 * HOUR) },
    quiet: [26 * HOUR],
    fires: {
      at: 26 * HOUR + 5,
      labels: dump,
      summary: 'The last good dump by postgres-dump is 1d 2h 5m 0s old',
    },
  },
  {
    alert: 'DumpMissing',
    when: 'none was good for 26 h',
    series: { [`kube_cronjob_info${selector(dump)}`]: always(1, 27 * HOUR) },
    quiet: [26 * HOUR - 5],
    fires: { at: 26 * HOUR, labels: dump, summary: 'There is no good dump by postgres-dump' },
  },
  {
    alert: 'DumpMissing',
    when: 'of what makes no dumps',
    series: {
      'kube_cronjob_info{namespace="data",cronjob="postgres-restore"}': always(1, 27 * HOUR),
      'kube_cronjob_info{namespace="apps-n8n",cronjob="own-dump"}': always(1, 27 * HOUR),
    },
    quiet: [26 * HOUR, 27 * HOUR],
  },
  {
    alert: 'CertificateExpiresSoon',
    when: 'it ends in less than 14 days, for an hour',
    series: { [expiry]: always(DAYS_14 + 600, 90) },
    quiet: [10, 70],
    fires: {
      at: 71,
      labels: certificate,
      summary: 'The certificate n8n-tls of apps-n8n ends in 13d 22h 59m 0s',
    },
  },
  {
    alert: 'CertificateNotReady',
    when: 'for an hour',
    series: {
      [`certmanager_certificate_ready_status${selector({ ...certificate, condition: 'False' })}`]: '0+0x9 1+0x80',
    },
    quiet: [9, 69],
    fires: {
      at: 70,
      labels: { ...certificate, condition: 'False' },
      summary: 'The certificate n8n-tls of apps-n8n is not there',
    },
  },
  ...(['postgres', 'mariadb'] as const).flatMap((engine): Case[] => {
    const [alert, up, summary] =
      engine === 'postgres'
        ? ['PostgresDown', 'pg_up', 'PostgreSQL does not answer']
        : ['MariadbDown', 'mysql_up', 'MariaDB does not answer'];
    const instance = { instance: 'data:9187' };
    return [
      {
        alert,
        when: 'its exporter says so for three minutes',
        series: { [`${up}${selector(instance)}`]: '1+0x9 0+0x9' },
        quiet: [9, 12],
        fires: { at: 13, labels: instance, summary },
      },
      {
        alert,
        when: 'nobody says anything of it any more',
        // What was last measured counts for five minutes.
        series: { [`${up}${selector(instance)}`]: '1+0x9 _x30' },
        quiet: [9, 16],
        fires: { at: 18, labels: {}, summary },
      },
    ];
  }),
];

/** A day and a half on which all is as it should be: a backup and a dump each night, some restarts. */
const CALM: Series = {
  ...volume(always(60, 37 * HOUR)),
  [`kubelet_volume_stats_capacity_bytes${selector(claim)}`]: always(100, 37 * HOUR),
  [waiting]: `0+0x${5 * HOUR} 1 0+0x${32 * HOUR}`,
  [`velero_backup_last_status${selector(nightly)}`]: always(1, 37 * HOUR),
  [`velero_backup_attempt_total${selector(nightly)}`]: always(1, 37 * HOUR),
  [lastGood]: `0+0x${24 * HOUR} ${24 * 3600}+0x${13 * HOUR}`,
  'velero_backup_location_status_gauge{backup_location_name="default"}': always(1, 37 * HOUR),
  [`kube_cronjob_info${selector(dump)}`]: always(1, 37 * HOUR),
  [`kube_cronjob_status_last_successful_time${selector(dump)}`]: `0+0x${24 * HOUR} ${24 * 3600}+0x${13 * HOUR}`,
  [expiry]: always(60 * 24 * 3600, 37 * HOUR),
  [`certmanager_certificate_ready_status${selector({ ...certificate, condition: 'False' })}`]: always(0, 37 * HOUR),
  pg_up: always(1, 37 * HOUR),
  mysql_up: always(1, 37 * HOUR),
};

describe('our alerts, in Prometheus', function () {
  this.timeout(60_000);
  const folder = tempFolder();
  let promtool: string;
  let rules: ReadonlyMap<string, Rule>;
  before(async function () {
    const helm = await toolOrSkip(this, 'helm');
    promtool = join(await serverOrSkip(this, PROMETHEUS), 'promtool');
    write('values.yaml', VALUES);
    const chart = join(projectRoot, 'charts/alerts');
    const text = await runTool(
      helm,
      ['template', 'alerts', chart, '--values', 'values.yaml', '--show-only', 'templates/rules.yaml'],
      { cwd: folder.path },
    );
    const { spec } = parse(text) as { spec: { groups: readonly { readonly rules: readonly Rule[] }[] } };
    write('rules.yaml', stringify(spec));
    rules = new Map(spec.groups.flatMap((group) => group.rules.map((rule) => [rule.alert, rule])));
  });
  after(() => folder.remove());

  const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);
  /** What takes a day is looked at every five minutes only. */
  const run = async (last: number, test: object): Promise<void> => {
    const interval = last > 10 * HOUR ? '5m' : '1m';
    write('tests.yaml', stringify({ rule_files: ['rules.yaml'], evaluation_interval: interval, tests: [test] }));
    await runTool(promtool, ['test', 'rules', 'tests.yaml'], { cwd: folder.path }).catch((error: unknown) => {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`promtool says:\n${stdout}${stderr}`);
    });
  };
  const inputs = (series: Series): object => ({
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values: values.trim() })),
  });

  it('are rules that it takes', async () => {
    expect(await runTool(promtool, ['check', 'rules', 'rules.yaml'], { cwd: folder.path })).to.match(
      new RegExp(`SUCCESS: ${rules.size} rules found`),
    );
  });

  it('are all told of here', () => {
    expect([...new Set(CASES.map(({ alert }) => alert))]).to.have.members([...rules.keys()]);
    const firing = CASES.filter(({ fires }) => fires !== undefined).map(({ alert }) => alert);
    expect(firing).to.include.members([...rules.keys()]);
  });

  for (const { alert, when, series, quiet, fires } of CASES) {
    it(`${alert}: ${when}${fires === undefined ? ': is no reason' : ''}`, async () => {
      const { labels, annotations } = rules.get(alert)!;
      const heard = fires && {
        exp_labels: { ...labels, ...fires.labels },
        exp_annotations: { ...annotations, summary: fires.summary },
      };
      await run(fires?.at ?? Math.max(...quiet), {
        ...inputs(series),
        alert_rule_test: [
          ...quiet.map((minute) => ({ eval_time: `${minute}m`, alertname: alert, exp_alerts: [] })),
          ...(fires === undefined ? [] : [{ eval_time: `${fires.at}m`, alertname: alert, exp_alerts: [heard] }]),
        ],
      });
    });
  }

  it('are quiet, all of them, as long as all is well', async () => {
    const hours = [1, 5, 6, 24, 26, 27, 36];
    await run(36 * HOUR, {
      ...inputs(CALM),
      promql_expr_test: hours.map((hour) => ({
        expr: 'ALERTS{alertstate="firing"}',
        eval_time: `${hour * HOUR}m`,
        exp_samples: [],
      })),
    });
  });
});

function selector(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
}
