/** Block storage: volumes, their snapshots and the actions on them. */
import { z } from 'zod';
import { findRegion, regionAnswer } from '../catalogue.ts';
import type { Action, Snapshot, Volume } from '../documents.ts';
import {
  accepted,
  conflict,
  created,
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
import { clusterOfTags, newAction, newVolume } from '../provisioning.ts';
import { isReady, newId, timestamp, type World } from '../world.ts';

const volumeBody = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, 'must begin with a letter and contain lowercase letters, numbers and dashes only'),
  region: z.string(),
  size_gigabytes: z.int().min(1).max(16384),
  description: z.string().default(''),
  filesystem_type: z.string().default(''),
  filesystem_label: z.string().default(''),
  tags: z.array(z.string()).default([]),
  snapshot_id: z.string().default(''),
});
const snapshotBody = z.object({ name: z.string().min(1), tags: z.array(z.string()).default([]) });
const actionBody = z.object({
  type: z.enum(['attach', 'detach', 'resize']),
  droplet_id: z.int().optional(),
  size_gigabytes: z.int().optional(),
});

export function volumeRoutes(world: World): readonly Route[] {
  const { store, delayMs } = world;
  const find = (request: ApiRequest): Volume => {
    const volume = store.get('volume', request.params['id'] ?? '');
    if (volume === undefined) throw notFound();
    return volume;
  };
  const findSnapshot = (request: ApiRequest): Snapshot => {
    const snapshot = store.get('snapshot', request.params['id'] ?? '');
    if (snapshot === undefined) throw notFound();
    return snapshot;
  };

  const list: Handler = (request) => {
    const name = request.query.get('name');
    const region = request.query.get('region');
    const found = store
      .list('volume')
      .filter((volume) => (name === null || volume.name === name) && (region === null || volume.region === region));
    return page(request, 'volumes', found.map(volumeAnswer));
  };

  const create: Handler = (request) => {
    const { snapshot_id, ...given } = read(volumeBody, request.body);
    const region = findRegion(given.region);
    if (region === undefined) throw unprocessable('region is invalid');
    if (snapshot_id !== '' && store.get('snapshot', snapshot_id) === undefined) throw notFound();
    if (store.list('volume').some((volume) => volume.name === given.name && volume.region === region.slug))
      throw conflict('volume already exists');
    const volume = newVolume(world, { ...given, region: region.slug, cluster: clusterOfTags(store, given.tags) });
    return created({ volume: volumeAnswer(volume) });
  };

  const remove: Handler = (request) => {
    const volume = find(request);
    if (volume.droplet_ids.length > 0)
      throw conflict(
        "A volume that's attached to a Droplet cannot be deleted. Please detach it first before deleting.",
      );
    store.write((change) => {
      change.remove('volume', volume.id);
      change.remove('assignment', `do:volume:${volume.id}`);
    });
    return noContent;
  };

  const act: Handler = (request) => {
    const volume = find(request);
    const body = read(actionBody, request.body);
    const changed = acted(volume, body);
    const action = store.write((change) => {
      change.put('volume', volume.id, changed);
      return newAction(change, delayMs, {
        type: `${body.type}_volume`,
        resource_id: volume.id,
        resource_type: 'volume',
        region_slug: volume.region,
      });
    });
    return accepted({ action: actionAnswer(action) });
  };

  const snapshot: Handler = (request) => {
    const volume = find(request);
    const body = read(snapshotBody, request.body);
    const made: Snapshot = {
      id: newId(),
      name: body.name,
      resource_id: volume.id,
      resource_type: 'volume',
      regions: [volume.region],
      min_disk_size: volume.size_gigabytes,
      size_gigabytes: 0,
      created_at: timestamp(),
      tags: body.tags,
    };
    store.write((change) => change.put('snapshot', made.id, made));
    return created({ snapshot: made });
  };

  const listSnapshots: Handler = (request) => {
    const type = request.query.get('resource_type');
    return page(
      request,
      'snapshots',
      store.list('snapshot').filter((candidate) => type === null || candidate.resource_type === type),
    );
  };

  const removeSnapshot: Handler = (request) => {
    const found = findSnapshot(request);
    store.write((change) => change.remove('snapshot', found.id));
    return noContent;
  };

  const findAction = (request: ApiRequest): Action => {
    const action = store.get('action', request.params['action'] ?? '');
    if (action === undefined) throw notFound();
    return action;
  };
  const actionsOf = (volume: Volume): readonly Action[] =>
    store.list('action').filter((action) => action.resource_id === volume.id);

  return [
    { method: 'GET', path: '/v2/volumes', handle: list },
    { method: 'POST', path: '/v2/volumes', handle: create },
    { method: 'GET', path: '/v2/volumes/:id', handle: (request) => ok({ volume: volumeAnswer(find(request)) }) },
    { method: 'DELETE', path: '/v2/volumes/:id', handle: remove },
    { method: 'POST', path: '/v2/volumes/:id/actions', handle: act },
    {
      method: 'GET',
      path: '/v2/volumes/:id/actions',
      handle: (request) => page(request, 'actions', actionsOf(find(request)).map(actionAnswer)),
    },
    {
      method: 'GET',
      path: '/v2/volumes/:id/actions/:action',
      handle: (request) => ok({ action: actionAnswer(findAction(request)) }),
    },
    {
      method: 'GET',
      path: '/v2/volumes/:id/snapshots',
      handle: (request) => {
        const { id } = find(request);
        return page(
          request,
          'snapshots',
          store.list('snapshot').filter((candidate) => candidate.resource_id === id),
        );
      },
    },
    { method: 'POST', path: '/v2/volumes/:id/snapshots', handle: snapshot },
    { method: 'GET', path: '/v2/snapshots', handle: listSnapshots },
    { method: 'GET', path: '/v2/snapshots/:id', handle: (request) => ok({ snapshot: findSnapshot(request) }) },
    { method: 'DELETE', path: '/v2/snapshots/:id', handle: removeSnapshot },
    {
      method: 'GET',
      path: '/v2/actions',
      handle: (request) => page(request, 'actions', store.list('action').map(actionAnswer)),
    },
    {
      method: 'GET',
      path: '/v2/actions/:action',
      handle: (request) => ok({ action: actionAnswer(findAction(request)) }),
    },
  ];
}

function acted(volume: Volume, body: z.infer<typeof actionBody>): Volume {
  switch (body.type) {
    case 'attach':
      if (body.droplet_id === undefined) throw unprocessable('droplet_id is required');
      if (volume.droplet_ids.some((id) => id !== body.droplet_id))
        throw unprocessable('Volume is already attached to another droplet');
      return { ...volume, droplet_ids: [body.droplet_id] };
    case 'detach':
      return { ...volume, droplet_ids: [] };
    case 'resize':
      if ((body.size_gigabytes ?? 0) < volume.size_gigabytes)
        throw unprocessable('The new size must be larger than the current size');
      return { ...volume, size_gigabytes: body.size_gigabytes ?? volume.size_gigabytes };
  }
}

function volumeAnswer({ cluster: _, ...volume }: Volume): unknown {
  return { ...volume, region: regionAnswer(volume.region) };
}

function actionAnswer({ ready_at, resource_id: _, ...action }: Action): unknown {
  const done = isReady(ready_at);
  // The real API has no number for a volume either.
  return {
    ...action,
    status: done ? 'completed' : 'in-progress',
    completed_at: done ? ready_at : null,
    resource_id: 0,
    region: regionAnswer(action.region_slug),
  };
}
