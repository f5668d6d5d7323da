/** DigitalOcean's API: what exists in the account. All but one call only read. */
import { z } from 'zod';
import { FailedError } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { HttpResponse, Network } from '../ports/network.ts';

export const realApi = 'https://api.digitalocean.com';

const pageSchema = z.looseObject({
  links: z.looseObject({ pages: z.looseObject({ next: z.string().optional() }).nullish() }).nullish(),
});

export const schemas = {
  clusters: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      vpc_uuid: z.string().default(''),
      status: z.looseObject({ state: z.string() }).optional(),
    }),
  ),
  vpcs: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      region: z.string().default(''),
      default: z.boolean().default(false),
    }),
  ),
  domains: z.array(z.looseObject({ name: z.string() })),
  projects: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  loadBalancers: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      vpc_uuid: z.string().nullish(),
      tags: z.array(z.string()).nullish(),
      tag: z.string().nullish(),
    }),
  ),
  volumes: z.array(z.looseObject({ id: z.string(), name: z.string(), tags: z.array(z.string()).nullish() })),
  snapshots: z.array(z.looseObject({ id: z.string(), name: z.string(), resource_id: z.string().default('') })),
  records: z.array(z.looseObject({ id: z.number(), type: z.string(), name: z.string(), data: z.string() })),
} as const;

export type Listed<Kind extends keyof typeof schemas> = z.infer<(typeof schemas)[Kind]>[number];

const listings: {
  readonly [Kind in Exclude<keyof typeof schemas, 'records'>]: { readonly path: string; readonly field: string };
} = {
  clusters: { path: '/v2/kubernetes/clusters', field: 'kubernetes_clusters' },
  vpcs: { path: '/v2/vpcs', field: 'vpcs' },
  domains: { path: '/v2/domains', field: 'domains' },
  projects: { path: '/v2/projects', field: 'projects' },
  loadBalancers: { path: '/v2/load_balancers', field: 'load_balancers' },
  volumes: { path: '/v2/volumes', field: 'volumes' },
  snapshots: { path: '/v2/snapshots?resource_type=volume', field: 'snapshots' },
};

export interface DigitalOcean {
  list<Kind extends keyof typeof listings>(kind: Kind): Promise<readonly Listed<Kind>[]>;
  /** Undefined when there is no such domain. */
  records(domain: string): Promise<readonly Listed<'records'>[] | undefined>;
  /** Quiet when it is gone already. */
  removeVolume(id: string): Promise<void>;
}

/** Reading twice does no harm, so that a passing fault of the network or of the API is waited out. */
const RETRY_AFTER_MS = [1_000, 4_000] as const;

/** Every method throws FailedError when the API refuses, or does not answer in three tries. */
export function digitalOcean(
  { network, clock }: { readonly network: Network; readonly clock: Clock },
  base: string,
  token: Secret,
): DigitalOcean {
  const headers = { authorization: new Secret(`Bearer ${token.reveal()}`), accept: 'application/json' };

  async function get(url: string): Promise<HttpResponse> {
    for (const waitMs of RETRY_AFTER_MS) {
      const answer = await network.request({ method: 'GET', url, headers }).catch(passing);
      if (answer !== undefined && answer.status !== 429 && answer.status < 500) return answer;
      await clock.sleep(waitMs);
    }
    return network.request({ method: 'GET', url, headers });
  }

  async function pages(path: string, field: string): Promise<readonly unknown[] | undefined> {
    const items: unknown[] = [];
    const first = new URL(path, base);
    first.searchParams.set('per_page', '200');
    let next: string | undefined = first.href;
    while (next !== undefined) {
      const answer = await get(next);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw refusal(path, answer);
      const page = pageSchema.parse(JSON.parse(Buffer.from(answer.body).toString()));
      items.push(...(z.array(z.unknown()).nullish().parse(page[field]) ?? []));
      const link: string | undefined = page.links?.pages?.next;
      // Only the query is taken: the token goes nowhere but to the API it belongs to.
      next = link === undefined ? undefined : new URL(`${first.pathname}${new URL(link, base).search}`, base).href;
    }
    return items;
  }

  return {
    list: async (kind) => {
      const { path, field } = listings[kind];
      return schemas[kind].parse((await pages(path, field)) ?? []);
    },
    records: async (domain) => {
      const records = await pages(`/v2/domains/${encodeURIComponent(domain)}/records`, 'domain_records');
      return records === undefined ? undefined : schemas.records.parse(records);
    },
    removeVolume: async (id) => {
      const path = `/v2/volumes/${encodeURIComponent(id)}`;
      const answer = await network.request({ method: 'DELETE', url: new URL(path, base).href, headers });
      if (answer.status !== 204 && answer.status !== 404) throw refusal(path, answer);
    },
  };
}

function refusal(path: string, { status }: HttpResponse): FailedError {
  const hints: Readonly<Record<number, string>> = {
    401: 'The token is wrong or was revoked: `ffops secrets set digitalocean.token`.',
    403: 'The token may not do this: give it another scope, or make another one.',
    429: 'Too many requests in an hour: try again in a few minutes.',
  };
  const hint = hints[status];
  return new FailedError('cloud.refused', {
    message: `DigitalOcean answered ${path.split('?')[0] ?? path} with status ${status}.`,
    hints: hint === undefined ? [] : [hint],
  });
}

/** No answer at all is worth another try; anything else is not. */
function passing(error: unknown): undefined {
  if (!(error instanceof FailedError)) throw error;
}
