/** Namespaces that go, come back out of a backup, and are what they were; also when the restore is struck meanwhile. */
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import type { RestoreResult } from '../../src/usecases/backup-restore.ts';
import { dice } from './dice.ts';
import type { Product } from './product.ts';
import { smallProduction } from './small-production.ts';

/** A database, an app that works with it, and an app with files. */
export const backedUpProduction = smallProduction
  .replace('backups: { enabled: false }\n', '')
  .replace('hello: {}', 'hello: { storage: 1Gi }\n  n8n: {}');
const NAMESPACES = ['apps-hello', 'apps-n8n', 'data'] as const;

const KINDS = [
  ...['deployments', 'statefulsets', 'cronjobs', 'services', 'ingresses', 'networkpolicies', 'poddisruptionbudgets'],
  ...['configmaps', 'secrets', 'serviceaccounts', 'persistentvolumeclaims'],
].join(',');

interface Found {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: Record<string, unknown>;
  readonly [part: string]: unknown;
}

/** `Deployment hello` → a digest of all of it but what a cluster decides anew. */
export async function contentsOf(product: Product, namespace: string): Promise<Readonly<Record<string, string>>> {
  const found = await product.kubectl(['get', KINDS, '-n', namespace, '-o', 'json']);
  const { items } = JSON.parse(found) as { items: readonly Found[] };
  const entries = items.map((item): [string, string] => [`${item.kind} ${item.metadata.name}`, digestOf(item)]);
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}

/** Where it came from, its place in the cluster, and what controllers write. */
const decidedAnew =
  /^(velero\.io|pv\.kubernetes\.io|volume\.kubernetes\.io|volume\.beta\.kubernetes\.io|deployment\.kubernetes\.io)\//;
const placed = new Set(['clusterIP', 'clusterIPs', 'volumeName', 'nodePort', 'healthCheckNodePort']);

function digestOf({ metadata, ...rest }: Found): string {
  const { status: _, ...parts } = rest;
  const lasting = (words: Readonly<Record<string, string>> = {}) =>
    Object.entries(words)
      .filter(([name]) => !decidedAnew.test(name))
      .sort();
  const kept = { ...parts, labels: lasting(metadata.labels), annotations: lasting(metadata.annotations) };
  const text = JSON.stringify(kept, (key, value: unknown) => (placed.has(key) ? undefined : inOrder(value)));
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));
}

export interface Kept {
  readonly backup: string;
  readonly contents: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of a restore that nobody disturbed. */
  readonly durationMs: number;
}

export async function allContents(product: Product): Promise<Kept['contents']> {
  const contents: Record<string, Readonly<Record<string, string>>> = {};
  for (const namespace of NAMESPACES) contents[namespace] = await contentsOf(product, namespace);
  return contents;
}

export async function deleteAll(product: Product): Promise<void> {
  await product.kubectl(['delete', 'namespace', ...NAMESPACES, '--wait']);
}

/** All of it, from that backup; resolves when everything is as it was. */
export async function restoreAll(
  product: Product,
  { backup, contents }: Omit<Kept, 'durationMs'>,
): Promise<RestoreResult> {
  const result = await product.result<RestoreResult>(['backup', 'restore', 'everything', '--yes', '--from', backup]);
  expect(result.verdict).to.equal('done');
  expect(result.objects).to.deep.include({ backup, missing: [] });
  expect(await allContents(product)).to.deep.equal(contents);
  return result;
}

/** Begins without the namespaces, strikes the restore at a moment that the seed chooses, and goes on with a plain one: its result. */
export async function interruptedRestore(product: Product, kept: Kept, seed: number): Promise<RestoreResult> {
  const chance = dice(seed);
  const signal = chance.pick(['SIGKILL', 'SIGINT', 'SIGTERM'] as const);
  const delayMs = Math.round(chance.next() * kept.durationMs);
  await deleteAll(product);
  const running = product.start(['backup', 'restore', 'everything', '--yes', '--from', kept.backup]);
  const late = await Promise.race([
    running.ended.then(() => true),
    new Promise<false>((resolve) => setTimeout(() => resolve(false), delayMs)),
  ]);
  if (!late) running.child.kill(signal);
  const exitCode = await running.ended;
  const told = `seed ${seed}: ${signal} after ${delayMs} ms${late ? ', which came too late' : ''}; exit ${exitCode}`;
  console.log(`      ${told}`);
  try {
    // Before its first word it does not listen yet, and dies as any program does.
    const hears = !late && signal !== 'SIGKILL' && running.output() !== '';
    if (hears) expect(exitCode).to.be.oneOf([0, 130]);
    return await restoreAll(product, kept);
  } catch (error) {
    throw new Error(`${told}\n${(error as Error).message}\n---- the first run\n${running.output()}`, { cause: error });
  }
}
