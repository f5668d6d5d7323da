/** What DigitalOcean offers for Kubernetes, as far as an environment may ask for it. */

/** Regions that have both Kubernetes and Spaces. */
export const REGIONS = ['ams3', 'blr1', 'fra1', 'lon1', 'nyc3', 'sfo3', 'sgp1', 'syd1', 'tor1'] as const;

export const SIZES = [
  's-1vcpu-2gb',
  's-2vcpu-2gb',
  's-2vcpu-4gb',
  's-4vcpu-8gb',
  's-8vcpu-16gb',
  's-2vcpu-4gb-amd',
  's-4vcpu-8gb-amd',
  's-8vcpu-16gb-amd',
  's-2vcpu-8gb-amd',
  's-4vcpu-16gb-amd',
  's-2vcpu-4gb-intel',
  's-4vcpu-8gb-intel',
  's-8vcpu-16gb-intel',
  'c-2',
  'c-4',
  'c-8',
  'g-2vcpu-8gb',
  'g-4vcpu-16gb',
  'g-8vcpu-32gb',
  'm-2vcpu-16gb',
  'm-4vcpu-32gb',
  'm-8vcpu-64gb',
] as const;

/** Minor releases, newest first. */
export const VERSIONS = ['1.36', '1.35', '1.34', '1.33'] as const;

/** A minor release stands for its newest patch when the cluster is made; a whole slug pins one. */
export const VERSION_SLUG = /^(\d+\.\d+)\.\d+-do\.\d+$/;

/** The same for every zone. */
export const NAME_SERVERS = ['ns1', 'ns2', 'ns3'].map((name) => `${name}.digitalocean.com`);

export function spacesEndpoint(region: string): string {
  return `https://${region}.digitaloceanspaces.com`;
}
