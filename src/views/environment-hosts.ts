import type { HostsResult } from '../usecases/environment-hosts.ts';
import { columns } from './text.ts';

/** Lines for /etc/hosts and nothing else, so that they can be appended as they are. */
export function hostsText({ address, hosts }: HostsResult): string {
  if (hosts.length === 0) return '';
  return `${columns(hosts.map(({ name, owner, purpose }) => [address, name, `# ${owner}: ${purpose}`]))}\n`;
}
