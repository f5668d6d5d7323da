/** Why an option does not exist, and where the person should look instead. */
import type { z } from 'zod';
import type { Complaint } from './complaints.ts';
import { nearest } from './nearest.ts';
import { childPath, formatPath } from './path.ts';
import type { Segments } from './path.ts';
import type { EntryRules, Registry } from './registry.ts';
import { bare, optionNames, schemaAt } from './schemas.ts';

const HOST_KEYS = /^(host|hosts|hostname|hostnames|domain|domains|subdomain|fqdn|url|baseurl|ingresshost|vhost)$/i;

export class UnknownOptions {
  readonly #schema: z.ZodType;
  readonly #registry: Registry;
  #places: ReadonlyMap<string, readonly string[]> | undefined;
  #owners: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(schema: z.ZodType, registry: Registry) {
    this.#schema = schema;
    this.#registry = registry;
  }

  /** `value` is what the file says behind the unknown key. */
  explain(path: Segments, value: unknown): Complaint {
    const parent = path.slice(0, -1);
    const key = String(path.at(-1));
    const app = parent[0] === 'apps' && parent.length >= 2 ? this.#registry.entries.get(String(parent[1])) : undefined;
    const siblings =
      app === undefined
        ? optionNames(schemaAt(this.#schema, parent))
        : optionNames(schemaAt(app.options, parent.slice(2)));
    const say = (message: string, ...hints: string[]): Complaint => ({ path, about: 'key', message, hints });
    const name = `\`${formatPath(path)}\``;

    const near = nearest(key, siblings);
    const suggestion = (sibling: string): Complaint => ({
      ...say(`${name} is not an option.`, `Did you mean \`${sibling}\`?`),
      meant: [...parent, sibling],
    });
    if (near !== undefined && near.toLowerCase() === key.toLowerCase()) return suggestion(near);
    if (HOST_KEYS.test(key)) {
      return say(
        `${name} is not an option: every host name derives from \`rootDomain\` and cannot be set.`,
        'Remove it; to move everything to another domain, change `rootDomain`.',
      );
    }
    if (isManagedDatabase(path, value)) return managedDatabase(path);
    const owner = app === undefined ? undefined : this.#owner(app, key);
    if (owner !== undefined) return say(`${name} is not an option of \`${(app as EntryRules).id}\`: ${owner}`);
    if (near !== undefined) return suggestion(near);
    if (parent.length === 0 && this.#registry.entries.get(key)?.kind === 'app') {
      return say(`${name} is not an option: apps are listed under \`apps\`.`, `Write it as \`apps.${key}\`.`);
    }
    const elsewhere = this.#elsewhere(key);
    if (elsewhere !== undefined) return say(`${name} is not an option.`, `Did you mean ${elsewhere}?`);
    return say(
      `${name} is not an option.`,
      siblings.length === 0 ? 'There are no options here.' : `Options here: ${listed(siblings)}.`,
    );
  }

  #owner(app: EntryRules, key: string): string | undefined {
    const place = app.optionOwners?.[key];
    if (place !== undefined) return `it is \`${place}\`.`;
    this.#owners ??= ownersByOption(this.#registry);
    const owners = (this.#owners.get(key) ?? []).filter((id) => id !== app.id);
    if (owners.length === 0 || optionNames(app.options).includes(key)) return undefined;
    return `it belongs to ${alternatives(owners)}.`;
  }

  /** Options of that very name elsewhere in the file. */
  #elsewhere(key: string): string | undefined {
    this.#places ??= placesByOption(this.#schema);
    const places = this.#places.get(key) ?? [];
    return places.length === 0 ? undefined : alternatives(places);
  }
}

/** `apps.<id>` where no app has that id. */
export function unknownApp(id: string, registry: Registry): Complaint {
  const path = ['apps', id];
  const entry = registry.entries.get(id);
  if (entry?.kind === 'system') {
    return {
      path,
      about: 'key',
      message: `\`${id}\` is not an app: ffops installs it when the environment needs it.`,
      hints: ['Remove it.'],
    };
  }
  const apps = [...registry.entries.values()]
    .filter((candidate) => candidate.kind === 'app')
    .map((candidate) => candidate.id);
  const near = nearest(id, apps);
  const hint = near === undefined ? 'See what there is: ffops app list.' : `Did you mean \`${near}\`?`;
  return { path, about: 'key', message: `There is no app \`${id}\`.`, hints: [hint] };
}

export function isManagedDatabase(path: Segments, value: unknown): boolean {
  const last = String(path.at(-1));
  if (/managed/i.test(last)) return true;
  return path[0] === 'databases' && typeof value === 'string' && /managed/i.test(value);
}

export function managedDatabase(path: Segments): Complaint {
  return {
    path,
    about: 'key',
    message: `\`${formatPath(path)}\` is not an option: there is no managed database on this platform, ffops runs PostgreSQL and MariaDB inside the cluster.`,
    hints: [
      'Remove it; backups and restores are part of ffops. A managed PostgreSQL is the choice of other platforms, such as OVH.',
    ],
  };
}

function alternatives(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `\`${name}\``);
  return shown.length === 1 ? (shown[0] as string) : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

function listed(names: readonly string[]): string {
  return names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ');
}

function ownersByOption(registry: Registry): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const entry of registry.entries.values()) {
    if (entry.kind === 'app') for (const name of optionNames(entry.options)) add(owners, name, entry.id);
  }
  return owners;
}

function placesByOption(schema: z.ZodType): Map<string, string[]> {
  const places = new Map<string, string[]>();
  const walk = (group: z.ZodType, path: string): void => {
    for (const name of optionNames(group)) {
      const own = childPath(path, name);
      add(places, name, own);
      walk(bare(schemaAt(group, [name]) as z.ZodType), own);
    }
  };
  walk(bare(schema), '');
  return places;
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
