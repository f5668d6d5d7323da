/** Access keys of Spaces. The secret is told once, when a key is made. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SpacesKey } from '../documents.ts';
import {
  badRequest,
  created,
  noContent,
  notFound,
  ok,
  page,
  read,
  type ApiRequest,
  type Handler,
  type Route,
} from '../http.ts';
import { timestamp, type World } from '../world.ts';

const grant = z.object({ bucket: z.string().default(''), permission: z.enum(['read', 'readwrite', 'fullaccess', '']) });
const createBody = z.object({ name: z.string().min(1), grants: z.array(grant).default([]) });
const changeBody = z.object({ name: z.string().min(1) });

export function spacesKeyRoutes({ store }: World): readonly Route[] {
  const find = (request: ApiRequest): SpacesKey => {
    const key = store.get('spaces_key', request.params['key'] ?? '');
    if (key === undefined) throw notFound();
    return key;
  };

  const create: Handler = (request) => {
    const body = read(createBody, request.body);
    const full = body.grants.filter((entry) => entry.permission === 'fullaccess');
    if (full.length > 0 && full.length < body.grants.length)
      throw badRequest('cannot mix fullaccess permission with scoped permissions.');
    const key: SpacesKey = {
      name: body.name,
      access_key: `DO${randomText(18, 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789')}`,
      secret_key: randomBytes(32).toString('base64url'),
      grants: body.grants,
      created_at: timestamp(),
    };
    store.write((change) => change.put('spaces_key', key.access_key, key));
    return created({ key });
  };

  const update: Handler = (request) => {
    const key = { ...find(request), name: read(changeBody, request.body).name };
    store.write((change) => change.put('spaces_key', key.access_key, key));
    return ok({ key: keyAnswer(key) });
  };

  const remove: Handler = (request) => {
    const key = find(request);
    store.write((change) => change.remove('spaces_key', key.access_key));
    return noContent;
  };

  const path = '/v2/spaces/keys';
  return [
    { method: 'GET', path, handle: (request) => page(request, 'keys', store.list('spaces_key').map(keyAnswer)) },
    { method: 'POST', path, handle: create },
    { method: 'GET', path: `${path}/:key`, handle: (request) => ok({ key: keyAnswer(find(request)) }) },
    { method: 'PUT', path: `${path}/:key`, handle: update },
    { method: 'PATCH', path: `${path}/:key`, handle: update },
    { method: 'DELETE', path: `${path}/:key`, handle: remove },
  ];
}

function keyAnswer({ secret_key: _, ...key }: SpacesKey): unknown {
  return key;
}

function randomText(length: number, letters: string): string {
  return Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join('');
}
