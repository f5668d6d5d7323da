import { parse, stringify } from 'yaml';
import { z } from 'zod';
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

const written = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.base64() }) }),
  ]),
  users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});

/** What stands in a kubeconfig of one context. */
export function addressIn(kubeconfigText: string): KubeAddress {
  const {
    clusters: [{ cluster }],
    users: [{ user }],
  } = written.parse(parse(kubeconfigText));
  const certificateAuthority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8');
  return { server: cluster.server, certificateAuthority, token: user.token };
}
