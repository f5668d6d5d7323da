/** Environments of any size: the small app of the catalogue, under as many names as it takes. */
import type { AppEntry } from '../src/model/plugs.ts';

export function appNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `app${String(index + 1).padStart(4, '0')}`);
}

/** The same releases, volumes and secrets under another name. */
export function copyOf(entry: AppEntry, name: string): AppEntry {
  return {
    ...entry,
    id: name,
    title: `Synthetic app ${name}`,
    contribute: (request) => {
      const apps = { [entry.id]: request.environment.apps[name] ?? {} };
      return renamed(entry.contribute({ ...request, environment: { ...request.environment, apps } }), entry.id, name);
    },
  };
}

/** Every word that is the entry's id or begins with it; its chart and its template stay. Quick: it counts in what is measured. */
function renamed<T>(contribution: T, from: string, to: string): T {
  const word = new RegExp(`^${from}(?=$|[./-])`);
  const copied = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return key === 'values' ? value : value.replace(word, to);
    if (Array.isArray(value)) return value.map((item) => copied(item));
    if (typeof value !== 'object' || value === null || isChart(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copied(item, name)]));
  };
  return copied(contribution) as T;
}

function isChart(value: object): boolean {
  return 'kind' in value && 'name' in value && value.kind === 'first-party';
}

export function environmentFile(platform: 'doks' | 'local', names: readonly string[]): string {
  const cluster = platform === 'doks' ? '  region: ams3\n' : '  context: docker-desktop\n';
  return [
    `platform: ${platform}`,
    'rootDomain: example.be',
    'cluster:',
    `  name: bench\n${cluster}`.trimEnd(),
    ...(platform === 'doks' ? ['tls:', '  email: ops@example.be'] : []),
    'apps:',
    ...names.map((name) => `  ${name}: {}`),
    '',
  ].join('\n');
}
