/** Load balancers, made by hand or by a cluster's controller. */
import { z } from 'zod';
import { findRegion, regionAnswer } from '../catalogue.ts';
import type { ForwardingRule, LoadBalancer } from '../documents.ts';
import {
  accepted,
  conflict,
  noContent,
  notFound,
  ok,
  page,
  read,
  unprocessable,
  type ApiRequest,
  type Handler,
  type Route,
} from '../http.ts';
import { clusterOfTags, newLoadBalancer } from '../provisioning.ts';
import { isReady, type World } from '../world.ts';
import { defaultProject } from './projects.ts';
import { defaultVpc } from './vpcs.ts';

const rule = z.object({
  entry_protocol: z.string(),
  entry_port: z.int().min(1).max(65535),
  target_protocol: z.string(),
  target_port: z.int().min(1).max(65535),
  certificate_id: z.string().default(''),
  tls_passthrough: z.boolean().default(false),
});
const body = z.object({
  name: z.string().min(1),
  region: z.string().optional(),
  size_unit: z.int().min(1).max(200).optional(),
  tags: z.array(z.string()).default([]),
  vpc_uuid: z.string().optional(),
  project_id: z.string().optional(),
  forwarding_rules: z.array(rule).min(1, 'at least one forwarding rule is required'),
  enable_proxy_protocol: z.boolean().default(false),
});
const rulesBody = z.object({ forwarding_rules: z.array(rule) });

export function loadBalancerRoutes(world: World): readonly Route[] {
  const { store } = world;
  const find = (request: ApiRequest): LoadBalancer => {
    const balancer = store.get('load_balancer', request.params['id'] ?? '');
    if (balancer === undefined) throw notFound();
    return balancer;
  };

  const create: Handler = (request) => {
    const given = read(body, request.body);
    const region = findRegion(given.region ?? '');
    if (region === undefined) throw unprocessable('region is invalid');
    if (store.list('load_balancer').some((other) => other.name === given.name))
      throw conflict('load balancer name must be unique');
    const vpc = given.vpc_uuid === undefined ? defaultVpc(store, region.slug) : store.get('vpc', given.vpc_uuid);
    if (vpc === undefined) throw unprocessable('vpc not found');
    const balancer = newLoadBalancer(world, {
      name: given.name,
      size_unit: given.size_unit ?? 1,
      region: region.slug,
      tags: given.tags,
      vpc_uuid: vpc.id,
      project_id: given.project_id ?? defaultProject(store).id,
      forwarding_rules: given.forwarding_rules,
      enable_proxy_protocol: given.enable_proxy_protocol,
      cluster: clusterOfTags(store, given.tags),
    });
    return accepted({ load_balancer: balancerAnswer(balancer) });
  };

  const update: Handler = (request) => {
    const balancer = find(request);
    const given = read(body, request.body);
    const changed: LoadBalancer = {
      ...balancer,
      name: given.name,
      size_unit: given.size_unit ?? balancer.size_unit,
      forwarding_rules: given.forwarding_rules,
      enable_proxy_protocol: given.enable_proxy_protocol,
    };
    store.write((change) => change.put('load_balancer', balancer.id, changed));
    return ok({ load_balancer: balancerAnswer(changed) });
  };

  const changeRules =
    (next: (have: readonly ForwardingRule[], given: readonly ForwardingRule[]) => readonly ForwardingRule[]): Handler =>
    (request) => {
      const balancer = find(request);
      const given = read(rulesBody, request.body).forwarding_rules;
      store.write((change) =>
        change.put('load_balancer', balancer.id, {
          ...balancer,
          forwarding_rules: next(balancer.forwarding_rules, given),
        }),
      );
      return noContent;
    };

  const remove: Handler = (request) => {
    const balancer = find(request);
    store.write((change) => {
      change.remove('load_balancer', balancer.id);
      change.remove('assignment', `do:loadbalancer:${balancer.id}`);
    });
    return noContent;
  };

  const path = '/v2/load_balancers';
  return [
    {
      method: 'GET',
      path,
      handle: (request) => page(request, 'load_balancers', store.list('load_balancer').map(balancerAnswer)),
    },
    { method: 'POST', path, handle: create },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ load_balancer: balancerAnswer(find(request)) }) },
    { method: 'PUT', path: `${path}/:id`, handle: update },
    { method: 'DELETE', path: `${path}/:id`, handle: remove },
    { method: 'POST', path: `${path}/:id/forwarding_rules`, handle: changeRules((have, given) => [...have, ...given]) },
    {
      method: 'DELETE',
      path: `${path}/:id/forwarding_rules`,
      handle: changeRules((have, given) =>
        have.filter((rule) => !given.some((gone) => gone.entry_port === rule.entry_port)),
      ),
    },
  ];
}

function balancerAnswer({ ready_at, cluster: _, ...balancer }: LoadBalancer): unknown {
  const active = isReady(ready_at);
  return {
    ...balancer,
    ip: active ? balancer.ip : '',
    status: active ? 'active' : 'new',
    type: 'REGIONAL',
    algorithm: 'round_robin',
    region: regionAnswer(balancer.region),
    health_check: {
      protocol: 'tcp',
      port: balancer.forwarding_rules[0]?.target_port ?? 80,
      path: '',
      check_interval_seconds: 3,
      response_timeout_seconds: 5,
      healthy_threshold: 5,
      unhealthy_threshold: 3,
    },
    sticky_sessions: { type: 'none' },
    droplet_ids: [],
    redirect_http_to_https: false,
    enable_backend_keepalive: false,
    disable_lets_encrypt_dns_records: false,
  };
}
