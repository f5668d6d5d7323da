import { UserError } from '../errors.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { LoadedEnvironment } from '../model/load.ts';

export interface HostsResult {
  readonly address: string;
  readonly hosts: readonly { readonly name: string; readonly owner: string; readonly purpose: string }[];
}

const localAddress = '127.0.0.1';

/**
 * The names of an environment whose DNS is /etc/hosts. Throws UserError for one whose names are published, unless an
 * address says that this is wanted (to try a new load balancer before its records exist).
 */
export function environmentHosts(
  { name, environment }: LoadedEnvironment,
  blueprint: Blueprint,
  address: string | undefined,
): HostsResult {
  if (environment.dns.provider !== 'none' && address === undefined) {
    throw new UserError('hosts.published', {
      message: `The names of ${name} are DNS records (\`dns.provider: ${environment.dns.provider}\`); they need no /etc/hosts.`,
      hints: ['To go round DNS all the same, name the address: --address IP.'],
    });
  }
  const hosts = blueprint.hosts.map(({ name: host, owner, purpose }) => ({ name: host, owner, purpose }));
  return { address: address ?? localAddress, hosts };
}
