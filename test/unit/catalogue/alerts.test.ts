/** The alerts that hurt and the dashboards beside them: each asks for measurements that somebody makes. */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { receiversOf } from '../../../src/catalogue/kube-prometheus-stack/alertmanager.ts';
import { loadEnvironment } from '../../../src/model/load.ts';
import { registry } from '../../../src/blueprint/registry.ts';
import { blueprintOf, WORKSPACE } from '../../support/example.ts';

const chart = (path: string): string => fileURLToPath(new URL(`../../../charts/alerts/${path}`, import.meta.url));
const PROD = 'platform: doks\nrootDomain: example.com\ntls: { email: ops@example.com }\n';
const SMTP = 'mail: { smtp: { host: smtp.example.com, user: ops, from: ops@example.com } }\n';

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly datasource: { readonly uid: string };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

/** What each exporter puts before the names of its measurements. */
const EXPORTERS =
  /^(traefik_|certmanager_|velero_|pg_|mysql_|kube_cronjob_|kube_pod_container_|kubelet_volume_stats_)[a-z0-9_]+$/;
const FUNCTIONS = new Set(
  'sum by rate increase histogram_quantile sort time max absent max_over_time or unless le for'.split(' '),
);

/** Names in an expression, without labels, texts and functions. */
function measurements(expression: string): readonly string[] {
  const bare = expression.replace(/\{[^}]*\}|\[[^\]]*\]|(by|on) \([^)]*\)/g, ' ');
  return (bare.match(/[a-z_][a-z0-9_]*/g) ?? []).filter((word) => !FUNCTIONS.has(word));
}

async function receiving(text: string): Promise<ReturnType<typeof receiversOf>> {
  const { environment } = await loadEnvironment({
    file: 'environments/prod.yaml',
    text: PROD + text,
    name: 'prod',
    workspace: WORKSPACE,
    registry,
  });
  return receiversOf(environment);
}

function configuration({ data }: ReturnType<typeof receiversOf>): string {
  return (data['alertmanager.yaml'] ?? []).map((part) => ('text' in part ? part.text : '(a secret)')).join('');
}

describe('dashboards', () => {
  const all = readdirSync(chart('files')).map(
    (name) => JSON.parse(readFileSync(chart(`files/${name}`), 'utf8')) as Dashboard,
  );

  it('are there for each system that has measurements, under names of their own', () => {
    const names = ['ffops-traefik', 'ffops-certificates', 'ffops-velero', 'ffops-postgres', 'ffops-mariadb'];
    expect(all.map(({ uid }) => uid)).to.have.members(names);
  });

  it('ask Prometheus, for what exporters measure', () => {
    for (const { title, panels } of all) {
      expect(new Set(panels.map(({ id }) => id)).size, title).to.equal(panels.length);
      for (const panel of panels) {
        expect(panel.datasource.uid).to.equal('prometheus');
        for (const { expr } of panel.targets) {
          expect(measurements(expr), expr).not.to.deep.equal([]);
          for (const name of measurements(expr)) expect(name, expr).to.match(EXPORTERS);
        }
      }
    }
  });
});

describe('alerts', () => {
  const rules = readFileSync(chart('templates/rules.yaml'), 'utf8');
  const expressions = [...rules.matchAll(/^ +expr: (.+)$/gm)].map((match) => match[1] ?? '');

  it('ask for what exporters measure', () => {
    expect(expressions.length).to.be.greaterThan(10);
    for (const expression of expressions)
      for (const name of measurements(expression.replace(/\{\{[^}]*\}\}/g, '1')))
        expect(name, expression).to.match(EXPORTERS);
  });

  it('come when a nightly backup is 26 hours old, and later for other rhythms', async () => {
    const late = async (text: string): Promise<unknown> =>
      (await blueprintOf(PROD + text)).stacks.flatMap(({ releases }) => releases).find(({ name }) => name === 'alerts')
        ?.context['lateHours'];
    expect(await late('')).to.equal(26);
    expect(await late('backups: { schedule: "0 3 * * 1" }\n')).to.equal(170);
  });

  it('come before Velero removes the last good backup, whose time the environment sets', async () => {
    const blueprint = await blueprintOf(`${PROD}backups: { retentionDays: 10 }\napps: { hello: {} }\n`);
    const context = blueprint.stacks.flatMap(({ releases }) => releases).find(({ name }) => name === 'alerts')?.context;
    expect(context).to.include({ retentionDays: 10 });
    const nightly = blueprint.schedules.find(({ name }) => name === context?.['nightlyBackup']);
    expect(nightly?.retentionDays).to.equal(10);
    expect(rules).to.include('div (mul .Values.nightlyBackup.retentionDays 86400 8) 10');
  });

  it('reach nobody until somebody is named', async () => {
    const nobody = await receiving('');
    expect(nobody.secrets).to.deep.equal([]);
    expect(JSON.parse(configuration(nobody))).to.deep.include({ receivers: [{ name: 'nobody' }, { name: 'people' }] });
  });

  it('reach Slack, mail and a webhook, with no secret in the configuration', async () => {
    const all = await receiving(
      `${SMTP}metrics: { receivers: { slack: "#alerts", email: [ops@example.com], webhook: true } }\n`,
    );
    expect(all.secrets.map(({ name }) => name)).to.have.members([
      'alerts.slackUrl',
      'mail.smtpPassword',
      'alerts.webhookUrl',
    ]);
    expect(configuration(all)).to.include('smtp.example.com:587').and.include('#alerts').and.not.include('(a secret)');
    for (const key of ['slack-url', 'smtp-password', 'webhook-url'])
      expect(configuration(all)).to.include(`/etc/alertmanager/secrets/alertmanager-receivers/${key}`);
  });

  it('are refused by mail where there is no server for it', async () => {
    const refused = await receiving('metrics: { receivers: { email: [ops@example.com] } }\n').then(() => '', String);
    expect(refused).to.include('server that mail goes through');
  });
});
