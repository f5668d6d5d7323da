/** One screen: what an environment is made of and how each part is. */
import type { CertificateState } from '../cluster/conditions.ts';
import type { BackupState } from '../ports/cluster.ts';
import type { HostState, ReleaseState, StatusResult } from '../usecases/status.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

export function statusText(result: StatusResult, style: Style): string {
  return [
    headline(result, style),
    section('Releases', releases(result.releases, style), style),
    result.certificates === undefined ? '' : section('Certificates', certificates(result.certificates, style), style),
    section('Names', hosts(result.hosts, style), style),
    result.backups === undefined ? '' : section('Backups', backups(result.backups, style), style),
    section('Kept of what is gone', kept(result), style),
    section('Could not be asked', troubles(result, style), style),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function section(title: string, body: string, style: Style): string {
  return body === '' ? '' : `${style.bold(title)}\n${body}`;
}

function headline({ environment, platform, rootDomain, cluster, troubles }: StatusResult, style: Style): string {
  const where = `${style.bold(environment)} ${style.dim(`(${platform}, ${rootDomain})`)}`;
  if (cluster === undefined && troubles.length > 0) return where;
  if (cluster === undefined) return `${where}\nNo cluster yet: \`ffops apply -e ${environment}\` makes it.`;
  const nodes = `${cluster.ready} of ${cluster.total} nodes ready`;
  const state = cluster.ready === cluster.total && cluster.total > 0 ? style.green(nodes) : style.red(nodes);
  return `${where}\nCluster ${cluster.context}, Kubernetes ${cluster.version.replace(/^v/, '')}, ${state}`;
}

function releases(states: readonly ReleaseState[], style: Style): string {
  const rows = states.map((state) => {
    const pods = state.podsWanted === 0 ? '' : `${state.podsReady}/${state.podsWanted} pods`;
    const health = state.healthy
      ? style.green('ready')
      : state.status === 'absent'
        ? style.dim('not applied')
        : style.red(trouble(state));
    return [state.release, style.dim(state.stack), state.chart, state.appVersion, health, pods];
  });
  return columns(rows, '  ');
}

function trouble({ status }: ReleaseState): string {
  return status === 'deployed' ? 'not ready' : status;
}

const soonDays = 14;

function certificates(states: readonly CertificateState[], style: Style): string {
  const rows = states.map((state) => {
    const names = state.hosts.join(', ') || `${state.namespace}/${state.name}`;
    if (!state.ready) return [names, style.red('not ready'), style.dim(state.message)];
    const left = state.daysLeft === undefined ? '' : `${state.daysLeft} days left`;
    const soon = state.daysLeft !== undefined && state.daysLeft < soonDays;
    return [names, style.green('ready'), soon ? style.yellow(left) : left];
  });
  return rows.length === 0 ? '  none asked for yet' : columns(rows, '  ');
}

function troubles({ troubles: all }: StatusResult, style: Style): string {
  return all
    .flatMap(({ message, hints }) => [`  ${style.red(message)}`, ...(hints ?? []).map((hint) => `    ${hint}`)])
    .join('\n');
}

function hosts(states: readonly HostState[], style: Style): string {
  const rows = states.map(({ host, owner, addresses, trouble: why }) => [
    host,
    style.dim(owner),
    addresses.length === 0 ? style.red(why ?? 'no answer') : addresses.join(', '),
  ]);
  return columns(rows, '  ');
}

function kept({ kept: volumes }: StatusResult): string {
  const rows = volumes.map(({ claim, data, deletedBy }) => [`${claim}, ${data.what}`, `${deletedBy} deletes it`]);
  return columns(rows, '  ');
}

const staleHours = 26;

function backups({ newest, newestGood }: NonNullable<StatusResult['backups']>, style: Style): string {
  if (newest === undefined) return `  ${style.yellow('none yet')}`;
  const good =
    newestGood === undefined
      ? style.red('none can be restored from')
      : `${newestGood.name}, ${style[newestGood.ageHours > staleHours ? 'yellow' : 'green'](age(newestGood))} old`;
  const latest =
    newest === newestGood || newest.name === newestGood?.name
      ? ''
      : `\n  the newest, ${newest.name}, is ${style.red(newest.phase)}`;
  return `  ${good}${latest}`;
}

function age({ ageHours }: BackupState): string {
  return ageHours < 48 ? `${ageHours} hours` : `${Math.round(ageHours / 24)} days`;
}
