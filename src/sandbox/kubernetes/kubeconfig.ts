import { stringify } from 'yaml';
import type { KubeAddress } from './client.ts';

/** A kubeconfig with one context per entry; the first is the current one. */
export function kubeconfig(contexts: Readonly<Record<string, KubeAddress>>): string {
  const entries = Object.entries(contexts);
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: entries.map(([name, { server, certificateAuthority }]) => ({
      name,
      cluster: { server, 'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64') },
    })),
    users: entries.map(([name, { token }]) => ({ name, user: { token } })),
    contexts: entries.map(([name]) => ({ name, context: { cluster: name, user: name } })),
    'current-context': entries[0]?.[0] ?? '',
  });
}
