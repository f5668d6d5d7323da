import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the cache is; it outlives workspaces and is shared by them. */
export function cacheRoot(variables: Readonly<Record<string, string | undefined>>): string {
  if (variables['FFOPS_CACHE']) return variables['FFOPS_CACHE'];
  return join(variables['XDG_CACHE_HOME'] || join(variables['HOME'] || homedir(), '.cache'), 'ffops');
}

export interface Layout {
  readonly root: string;
  tool(name: string): string;
  /** `edition` is `release`, or the key of a build. */
  edition(name: string, version: string, edition: string): string;
  binary(name: string, version: string, edition: string): string;
  readonly probes: string;
  /** Exists once the provider registry has answered. */
  readonly registryAnswered: string;
  readonly mirror: string;
  provider(source: string, version: string, platform: string): string;
  /** Packed from its source. */
  chart(name: string, version: string): string;
  /** As its project publishes it. */
  upstreamChart(name: string, version: string): string;
  readonly goModules: string;
  readonly goBuilds: string;
  sdk(version: string): string;
  readonly lockFile: string;
}

export function layoutOf(root: string): Layout {
  const tool = (name: string): string => join(root, 'tools', name);
  const edition = (name: string, version: string, which: string): string => join(tool(name), `${version}-${which}`);
  const mirror = join(root, 'providers');
  return {
    root,
    tool,
    edition,
    binary: (name, version, which) => join(edition(name, version, which), name),
    probes: join(root, 'tools', 'probes.json'),
    registryAnswered: join(root, 'registry-answered'),
    mirror,
    provider: (source, version, platform) =>
      join(
        mirror,
        'registry.opentofu.org',
        source,
        version,
        platform,
        `terraform-provider-${source.split('/')[1]}_v${version}`,
      ),
    chart: (name, version) => join(root, 'charts', `${name}-${version}.tgz`),
    upstreamChart: (name, version) => join(root, 'charts', 'upstream', `${name}-${version}.tgz`),
    goModules: join(root, 'go', 'mod'),
    goBuilds: join(root, 'go', 'build'),
    sdk: (version) => join(root, 'go', 'sdk', version),
    lockFile: join(root, 'ffops.lock.yaml'),
  };
}
