/** toolchain/pins.yaml, typed: the one list of what ffops runs and does not contain. */
import { join } from 'node:path';
import { CORE_SCHEMA, load } from 'js-yaml';
import { z } from 'zod';
import { packageFolder } from '../installed.ts';
import type { Files } from '../ports/files.ts';
import type { Host } from './host.ts';

export const TOOLCHAIN_FOLDER = packageFolder('toolchain');

const build = z.strictObject({
  module: z.string(),
  package: z.string(),
  set: z.record(z.string(), z.string()).default({}),
  memoryGb: z.number(),
});

const release = z.strictObject({
  url: z.string(),
  /** A file with lines of `sha256  name`, or with nothing but the sha256. */
  checksums: z.string().optional(),
  /** GitHub's description of the release, which has the digest of every asset. */
  digests: z.string().optional(),
  names: z.record(z.string(), z.string()).default({}),
  on: z.array(z.enum(['linux', 'darwin'])).default(['linux', 'darwin']),
});

const tool = z.strictObject({
  version: z.string(),
  fits: z.string().optional(),
  neededFor: z.string(),
  probe: z.array(z.string()).optional(),
  release: release.optional(),
  build,
});

const schema = z.strictObject({
  go: z.strictObject({ goBin: z.string() }),
  tools: z.record(z.string(), tool),
  /** Of no use but for real nodes of a sandbox, and long in the making. */
  nodeTools: z.record(z.string(), tool).default({}),
  providers: z.record(
    z.string(),
    z.strictObject({
      source: z.string(),
      released: z.string(),
      buildable: z.string(),
      /** Options of an environment, as paths, that `buildable` is too old for. */
      buildableLacks: z.array(z.string()).default([]),
      build,
    }),
  ),
  charts: z.record(
    z.string(),
    z.strictObject({
      version: z.string(),
      appVersion: z.string().optional(),
      /** The Helm repository that its project publishes it in. */
      repository: z.url(),
      module: z.string(),
      folder: z.string(),
      /** Charts that it carries below `charts/`, where its project publishes them apart. */
      subcharts: z.record(z.string(), z.strictObject({ module: z.string(), folder: z.string() })).default({}),
      /** Of the archive packed from that source. */
      digest: z.string(),
    }),
  ),
});

export type Pins = z.infer<typeof schema>;
export type ToolPin = Pins['tools'][string];
export type ReleasePin = z.infer<typeof release>;
export type BuildPin = z.infer<typeof build>;
export type ProviderPin = Pins['providers'][string];
export type ChartPin = Pins['charts'][string];

/** Such a tool is missed by nobody who only works on real environments. */
export function isForSandbox({ neededFor }: Pick<ToolPin, 'neededFor'>): boolean {
  return neededFor === 'the sandbox';
}

const loaded = new WeakMap<Files, Promise<Pins>>();

/** Read once: it is long, and does not change while ffops runs. */
export async function loadPins(files: Files): Promise<Pins> {
  const known = loaded.get(files) ?? readPins(files);
  loaded.set(files, known);
  return known;
}

async function readPins(files: Files): Promise<Pins> {
  const text = await files.read(join(TOOLCHAIN_FOLDER, 'pins.yaml'));
  return schema.parse(load(text ?? '', { schema: CORE_SCHEMA }));
}

/** Placeholders of pins.yaml, filled in. */
export function expand(
  template: string,
  version: string,
  host: Pick<Host, 'os' | 'arch'>,
  names: Readonly<Record<string, string>> = {},
): string {
  const [major = '', minor = '', patch = ''] = version.split('.');
  const values: Record<string, string> = {
    version,
    major,
    minor,
    patch,
    os: names[host.os] ?? host.os,
    arch: names[host.arch] ?? host.arch,
  };
  return template.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
