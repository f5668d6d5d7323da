/** The credentials that DigitalOcean asks for. */
import type { SecretWant } from '../../model/blueprint.ts';

export const TOKEN = 'digitalocean.token';
export const SPACES_ACCESS_KEY = 'spaces.accessKey';
export const SPACES_SECRET_KEY = 'spaces.secretKey';

/** What the provider reads from its environment. */
export const API_CREDENTIALS = { DIGITALOCEAN_TOKEN: TOKEN } as const;
export const SPACES_CREDENTIALS = {
  SPACES_ACCESS_KEY_ID: SPACES_ACCESS_KEY,
  SPACES_SECRET_ACCESS_KEY: SPACES_SECRET_KEY,
} as const;
/** What the state backend reads from its environment. */
export const STATE_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: SPACES_ACCESS_KEY,
  AWS_SECRET_ACCESS_KEY: SPACES_SECRET_KEY,
} as const;

const PANEL = 'https://cloud.digitalocean.com/account/api';

/** `stack` is the one that makes the bucket: a key can be limited to what exists. */
export function bucketKeyHelp(bucket: string, stack: string): string {
  return `Make a key with limited access, read, write and delete on \`${bucket}\` alone, at ${PANEL}/spaces; \`ffops apply --stack ${stack}\` makes the bucket first.`;
}

export const secrets: readonly SecretWant[] = [
  {
    name: TOKEN,
    description: 'API token of DigitalOcean: makes the cluster, the domain and mail records; never in the cluster.',
    supply: { kind: 'asked', help: `Make a personal access token with read and write scope at ${PANEL}/tokens` },
  },
  {
    name: SPACES_ACCESS_KEY,
    description: 'Access key of Spaces: makes buckets and keeps the state; never in the cluster.',
    supply: { kind: 'asked', help: `Make a key with full access at ${PANEL}/spaces` },
  },
  {
    name: SPACES_SECRET_KEY,
    description: 'Secret key of Spaces, shown once when the access key is made.',
    supply: { kind: 'asked', help: `Shown once beside the access key at ${PANEL}/spaces` },
  },
];
