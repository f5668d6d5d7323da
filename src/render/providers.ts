/** The providers of OpenTofu that rendered modules use: where they come from and what they read. */
import type { ProviderName } from '../model/blueprint.ts';

/** Exact versions, one per provider: users run the current releases, machines without downloads older ones. */
export type ProviderVersions = Readonly<Record<ProviderName, string>>;

export const PROVIDERS: Readonly<Record<ProviderName, { readonly source: string; readonly reads: string }>> = {
  digitalocean: {
    source: 'digitalocean/digitalocean',
    reads: 'DIGITALOCEAN_TOKEN, and for buckets SPACES_ACCESS_KEY_ID and SPACES_SECRET_ACCESS_KEY',
  },
  helm: { source: 'hashicorp/helm', reads: 'KUBE_CONFIG_PATH and KUBECONFIG (the same file)' },
};
