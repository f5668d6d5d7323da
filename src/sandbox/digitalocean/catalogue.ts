/** What DigitalOcean offers: regions, droplet sizes and Kubernetes versions, as far as the sandbox needs them. */

export interface Region {
  readonly slug: string;
  readonly name: string;
}

export const regions: readonly Region[] = [
  { slug: 'ams3', name: 'Amsterdam 3' },
  { slug: 'blr1', name: 'Bangalore 1' },
  { slug: 'fra1', name: 'Frankfurt 1' },
  { slug: 'lon1', name: 'London 1' },
  { slug: 'nyc1', name: 'New York 1' },
  { slug: 'nyc3', name: 'New York 3' },
  { slug: 'sfo3', name: 'San Francisco 3' },
  { slug: 'sgp1', name: 'Singapore 1' },
  { slug: 'syd1', name: 'Sydney 1' },
  { slug: 'tor1', name: 'Toronto 1' },
];

export interface Size {
  readonly slug: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
  readonly monthly: number;
}

export const sizes: readonly Size[] = [
  size('s-1vcpu-2gb', 1, 2, 50, 12),
  size('s-2vcpu-2gb', 2, 2, 60, 18),
  size('s-2vcpu-4gb', 2, 4, 80, 24),
  size('s-4vcpu-8gb', 4, 8, 160, 48),
  size('s-8vcpu-16gb', 8, 16, 320, 96),
  size('s-2vcpu-4gb-amd', 2, 4, 80, 28),
  size('s-4vcpu-8gb-amd', 4, 8, 160, 56),
  size('s-8vcpu-16gb-amd', 8, 16, 320, 112),
  size('s-2vcpu-8gb-amd', 2, 8, 100, 42),
  size('s-4vcpu-16gb-amd', 4, 16, 200, 84),
  size('s-2vcpu-4gb-intel', 2, 4, 80, 28),
  size('s-4vcpu-8gb-intel', 4, 8, 160, 56),
  size('s-8vcpu-16gb-intel', 8, 16, 320, 112),
  size('c-2', 2, 4, 25, 42),
  size('c-4', 4, 8, 50, 84),
  size('c-8', 8, 16, 100, 168),
  size('g-2vcpu-8gb', 2, 8, 25, 63),
  size('g-4vcpu-16gb', 4, 16, 50, 126),
  size('g-8vcpu-32gb', 8, 32, 100, 252),
  size('m-2vcpu-16gb', 2, 16, 50, 84),
  size('m-4vcpu-32gb', 4, 32, 100, 168),
  size('m-8vcpu-64gb', 8, 64, 200, 336),
];

function size(slug: string, vcpus: number, memoryGiB: number, diskGiB: number, monthly: number): Size {
  return { slug, vcpus, memoryMiB: memoryGiB * 1024, diskGiB, monthly };
}

/** Newest first, as the API lists them: the newest patch of each minor. */
export const offeredVersions: readonly string[] = ['1.36.3-do.0', '1.35.6-do.0', '1.34.9-do.0', '1.33.12-do.0'];

/** `1.36.3` of `1.36.3-do.0`. */
export function upstreamVersion(slug: string): string {
  return slug.replace(/-do\.\d+$/, '');
}

/** The slug that a request means: itself, `latest`, or the newest of a minor (`1.35`); undefined when there is none. */
export function resolveVersion(requested: string): string | undefined {
  if (requested === 'latest') return offeredVersions[0];
  return offeredVersions.find((slug) => slug === requested || slug.startsWith(`${requested}.`));
}

/** Where a cluster may go next: a later patch of its minor, or the next minor. */
export function upgradesFrom(slug: string): readonly string[] {
  const [minor, patch] = parts(slug);
  return offeredVersions.filter((offered) => {
    const [toMinor, toPatch] = parts(offered);
    return (toMinor === minor && toPatch > patch) || toMinor === minor + 1;
  });
}

/** From 1.36 on a cluster is highly available unless its request says no. */
export function isHighlyAvailableByDefault(slug: string): boolean {
  return parts(slug)[0] >= 36;
}

/** The patch after this one, as DigitalOcean would publish it one day. */
export function nextPatch(slug: string): string {
  const [minor, patch] = parts(slug);
  return `1.${minor}.${patch + 1}-do.0`;
}

function parts(slug: string): readonly [minor: number, patch: number] {
  const [, minor, patch] = upstreamVersion(slug).split('.').map(Number);
  return [minor ?? 0, patch ?? 0];
}

export function findRegion(slug: string): Region | undefined {
  return regions.find((region) => region.slug === slug.toLowerCase());
}

export function findSize(slug: string): Size | undefined {
  return sizes.find((candidate) => candidate.slug === slug);
}

/** A region as it appears inside other answers. */
export function regionAnswer(slug: string): unknown {
  return {
    slug,
    name: findRegion(slug)?.name ?? slug,
    sizes: sizes.map((candidate) => candidate.slug),
    available: true,
    features: ['backups', 'ipv6', 'metadata', 'install_agent', 'storage', 'image_transfer'],
  };
}
