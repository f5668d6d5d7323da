/** Private networks. Every region has a default one, made when the first thing needs it. */
import { z } from 'zod';
import { findRegion } from '../catalogue.ts';
import { freeRange, isPrivateRange, overlaps } from '../addresses.ts';
import type { Vpc } from '../documents.ts';
import {
  created,
  forbidden,
  noContent,
  notFound,
  ok,
  page,
  read,
  unprocessable,
  type Handler,
  type Route,
} from '../http.ts';
import type { Store } from '../store.ts';
import { newId, timestamp, type World } from '../world.ts';

const createBody = z.object({
  name: z.string().min(1).max(255),
  region: z.string(),
  description: z.string().max(255).default(''),
  ip_range: z.string().optional(),
});
const changeBody = z.object({
  name: z.string().min(1).max(255).optional(),
  description: z.string().max(255).optional(),
  default: z.boolean().optional(),
});

export function vpcRoutes({ store }: World): readonly Route[] {
  const find = (id: string | undefined): Vpc => {
    const vpc = store.get('vpc', id ?? '');
    if (vpc === undefined) throw notFound();
    return vpc;
  };
  const refuseTakenName = (name: string, except?: string): void => {
    if (!/^[a-zA-Z0-9.-]+$/.test(name))
      throw unprocessable(
        'Name contains invalid characters: may only contain alphanumeric characters, dashes, and periods',
      );
    if (store.list('vpc').some((vpc) => vpc.name === name && vpc.id !== except))
      throw unprocessable('Name already in use');
  };

  const create: Handler = (request) => {
    const body = read(createBody, request.body);
    const region = findRegion(body.region);
    if (region === undefined) throw unprocessable('Region is invalid');
    refuseTakenName(body.name);
    const isFirst = !store.list('vpc').some((vpc) => vpc.region === region.slug);
    // An account's first network in a region becomes its default one. Here, as in accounts that have been used, the
    // default one is there before, unless this account was told to be a new one.
    if (isFirst && store.get('account', 'own')?.isNew !== true) defaultVpc(store, region.slug);
    const ranges = store.list('vpc').map((vpc) => vpc.ip_range);
    if (body.ip_range !== undefined) {
      if (!isPrivateRange(body.ip_range))
        throw unprocessable(
          'Range is not a valid private range: it must lie in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 and be between /16 and /28',
        );
      const range = body.ip_range;
      if (ranges.some((other) => overlaps(other, range)))
        throw unprocessable(
          'This range/size overlaps with another VPC network in your account. Please choose a new value.',
        );
    }
    const vpc = newVpc({
      name: body.name,
      description: body.description,
      region: region.slug,
      ip_range: body.ip_range ?? freeRange(ranges),
      default: !store.list('vpc').some((other) => other.region === region.slug && other.default),
    });
    store.write((change) => change.put('vpc', vpc.id, vpc));
    return created({ vpc });
  };

  const update: Handler = (request) => {
    const vpc = find(request.params['id']);
    const body = read(changeBody, request.body);
    if (body.name !== undefined) refuseTakenName(body.name, vpc.id);
    const changed: Vpc = {
      ...vpc,
      ...(body.name !== undefined && { name: body.name }),
      ...(body.description !== undefined && { description: body.description }),
      default: vpc.default || body.default === true,
    };
    store.write((change) => {
      change.put('vpc', vpc.id, changed);
      if (!changed.default || vpc.default) return;
      for (const other of store.list('vpc')) {
        if (other.region === vpc.region && other.default) change.put('vpc', other.id, { ...other, default: false });
      }
    });
    return ok({ vpc: changed });
  };

  // 403 for both refusals: the answer that every generation of the provider waits for and tries again.
  const remove: Handler = (request) => {
    const vpc = find(request.params['id']);
    if (vpc.default) throw forbidden('Can not delete default VPCs');
    if (membersOf(store, vpc).length > 0) throw forbidden('Can not delete VPC with members');
    store.write((change) => change.remove('vpc', vpc.id));
    return noContent;
  };

  const members: Handler = (request) => {
    const kind = request.query.get('resource_type');
    const found = membersOf(store, find(request.params['id'])).filter(
      (member) => kind === null || member.urn.startsWith(`do:${kind}:`),
    );
    return page(request, 'members', found);
  };

  return [
    { method: 'GET', path: '/v2/vpcs', handle: (request) => page(request, 'vpcs', store.list('vpc')) },
    { method: 'POST', path: '/v2/vpcs', handle: create },
    { method: 'GET', path: '/v2/vpcs/:id', handle: (request) => ok({ vpc: find(request.params['id']) }) },
    { method: 'PUT', path: '/v2/vpcs/:id', handle: update },
    { method: 'PATCH', path: '/v2/vpcs/:id', handle: update },
    { method: 'DELETE', path: '/v2/vpcs/:id', handle: remove },
    { method: 'GET', path: '/v2/vpcs/:id/members', handle: members },
  ];
}

/** The region's default network; made when there is none. */
export function defaultVpc(store: Store, region: string): Vpc {
  const found = store.list('vpc').find((vpc) => vpc.region === region && vpc.default);
  if (found !== undefined) return found;
  const ranges = store.list('vpc').map((vpc) => vpc.ip_range);
  const vpc = newVpc({
    name: `default-${region}`,
    description: '',
    region,
    ip_range: freeRange(ranges),
    default: true,
  });
  store.write((change) => change.put('vpc', vpc.id, vpc));
  return vpc;
}

function newVpc(given: Pick<Vpc, 'name' | 'description' | 'region' | 'ip_range' | 'default'>): Vpc {
  const id = newId();
  return { id, urn: `do:vpc:${id}`, created_at: timestamp(), ...given };
}

interface Member {
  readonly urn: string;
  readonly name: string;
  readonly created_at: string;
}

function membersOf(store: Store, vpc: Vpc): readonly Member[] {
  const clusters = store.list('cluster').filter((cluster) => cluster.vpc_uuid === vpc.id);
  const balancers = store.list('load_balancer').filter((balancer) => balancer.vpc_uuid === vpc.id);
  return [
    ...clusters.map((cluster) => ({
      urn: `do:kubernetes:${cluster.id}`,
      name: cluster.name,
      created_at: cluster.created_at,
    })),
    ...clusters.flatMap((cluster) =>
      cluster.node_pools.flatMap((pool) =>
        pool.nodes.map((node) => ({
          urn: `do:droplet:${node.droplet_id}`,
          name: node.name,
          created_at: node.created_at,
        })),
      ),
    ),
    ...balancers.map((balancer) => ({
      urn: `do:loadbalancer:${balancer.id}`,
      name: balancer.name,
      created_at: balancer.created_at,
    })),
  ];
}
