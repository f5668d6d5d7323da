/** The kubeconfig that DigitalOcean hands out: one cluster, one user, named after region and cluster. */
import type { ClusterCredentials } from './contracts.ts';
import type { Cluster } from './documents.ts';

export function kubeconfigOf(cluster: Cluster, credentials: ClusterCredentials): string {
  const name = `do-${cluster.region}-${cluster.name}`;
  const user = [
    credentials.clientCertificate !== undefined &&
      `    client-certificate-data: ${base64(credentials.clientCertificate)}`,
    credentials.clientKey !== undefined && `    client-key-data: ${base64(credentials.clientKey)}`,
    credentials.token !== undefined && `    token: ${credentials.token}`,
  ].filter((line) => line !== false);
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(credentials.certificateAuthority)}
    server: ${credentials.server}
  name: ${name}
contexts:
- context:
    cluster: ${name}
    user: ${name}-admin
  name: ${name}
current-context: ${name}
kind: Config
preferences: {}
users:
- name: ${name}-admin
  user:
${user.join('\n')}
`;
}

export function credentialsAnswer(credentials: ClusterCredentials): unknown {
  return {
    server: credentials.server,
    certificate_authority_data: base64(credentials.certificateAuthority),
    client_certificate_data: credentials.clientCertificate === undefined ? null : base64(credentials.clientCertificate),
    client_key_data: credentials.clientKey === undefined ? null : base64(credentials.clientKey),
    token: credentials.token ?? '',
    expires_at: credentials.expiresAt.toISOString(),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
