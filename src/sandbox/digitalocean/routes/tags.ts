/** Tags: made by hand, or by being put on something. */
import { z } from 'zod';
import { created, noContent, notFound, ok, page, read, type ApiRequest, type Route } from '../http.ts';
import { livingNodes } from '../nodes.ts';
import type { Store } from '../store.ts';
import type { World } from '../world.ts';

const tagBody = z.object({
  name: z.string().regex(/^[a-zA-Z0-9:_-]{1,255}$/, 'may contain letters, numbers, colons, dashes, and underscores'),
});

export function tagRoutes({ store }: World): readonly Route[] {
  const find = (request: ApiRequest): string => {
    const name = request.params['name'] ?? '';
    if (!tagNames(store).includes(name)) throw notFound();
    return name;
  };
  return [
    {
      method: 'GET',
      path: '/v2/tags',
      handle: (request) =>
        page(
          request,
          'tags',
          tagNames(store).map((name) => tagAnswer(store, name)),
        ),
    },
    {
      method: 'POST',
      path: '/v2/tags',
      handle: (request) => {
        const tag = read(tagBody, request.body);
        store.write((change) => change.put('tag', tag.name, tag));
        return created({ tag: tagAnswer(store, tag.name) });
      },
    },
    { method: 'GET', path: '/v2/tags/:name', handle: (request) => ok({ tag: tagAnswer(store, find(request)) }) },
    {
      method: 'DELETE',
      path: '/v2/tags/:name',
      handle: (request) => {
        const name = find(request);
        store.write((change) => {
          const without = <T extends { readonly tags: readonly string[] }>(tagged: T): T => ({
            ...tagged,
            tags: tagged.tags.filter((tag) => tag !== name),
          });
          change.remove('tag', name);
          for (const volume of store.list('volume'))
            if (volume.tags.includes(name)) change.put('volume', volume.id, without(volume));
          for (const balancer of store.list('load_balancer'))
            if (balancer.tags.includes(name)) change.put('load_balancer', balancer.id, without(balancer));
          for (const cluster of store.list('cluster'))
            if (cluster.tags.includes(name)) change.put('cluster', cluster.id, without(cluster));
        });
        return noContent;
      },
    },
  ];
}

interface Use {
  readonly kind: 'droplets' | 'volumes';
  readonly tags: readonly string[];
}

/** What the API counts below a tag. */
function uses(store: Store): readonly Use[] {
  return [
    ...store
      .list('cluster')
      .flatMap((cluster) => livingNodes(cluster).map(([pool]): Use => ({ kind: 'droplets', tags: pool.tags }))),
    ...store.list('volume').map(({ tags }): Use => ({ kind: 'volumes', tags })),
  ];
}

function tagNames(store: Store): readonly string[] {
  const used = [...store.list('cluster'), ...store.list('load_balancer'), ...uses(store)].flatMap(({ tags }) => tags);
  return [...new Set([...store.list('tag').map(({ name }) => name), ...used])];
}

function tagAnswer(store: Store, name: string): unknown {
  const tagged = uses(store).filter(({ tags }) => tags.includes(name));
  const count = (kind: Use['kind']): { readonly count: number } => ({
    count: tagged.filter((use) => use.kind === kind).length,
  });
  return { name, resources: { count: tagged.length, droplets: count('droplets'), volumes: count('volumes') } };
}
