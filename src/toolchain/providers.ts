/**
 * Which versions of the providers, and from where. Real environments always use the released ones, so that everybody's
 * state and modules are the same whatever the weather; a sandbox makes do with what can be built here.
 */
import { join } from 'node:path';
import type { ToolFinder } from './find-tools.ts';
import { withLock } from './lock.ts';
import type { ToolMaker } from './make-tools.ts';
import type { ProviderPin } from './pins.ts';
import type { OnProgress, Say } from './progress.ts';
import { together } from './together.ts';
import type { Workshop } from './workshop.ts';

export type ProviderUse = 'real' | 'sandbox';

export interface ProviderSet {
  readonly kind: 'released' | 'buildable';
  readonly reason: string;
  /** By the provider's local name: `digitalocean`, `helm`. */
  readonly versions: Readonly<Record<string, string>>;
  /** A filesystem mirror for OpenTofu; undefined: the registry serves them. */
  readonly mirror: string | undefined;
  /** Options of an environment, as paths, that these versions are too old for. */
  readonly lacks: readonly string[];
}

export interface Providers {
  /** For a sandbox the registry may be asked; once it has answered, that is remembered. */
  set(use: ProviderUse): Promise<ProviderSet>;
  /** What the mirror lacks, when the sandbox takes its providers from there, as `Progress` names them. */
  missing(): Promise<readonly string[]>;
  /** Decides anew for the sandbox, and builds what that takes. */
  ensure(onProgress: OnProgress): Promise<ProviderSet>;
}

/** Where the provider registry says what it can do. */
const REGISTRY = 'https://registry.opentofu.org/.well-known/terraform.json';

export function providersOf(workshop: Workshop, { cachedBuild }: ToolFinder, { build }: ToolMaker): Providers {
  const { ports, host, platform, layout, pins, source, offline, downloads, builder } = workshop;
  const { files } = ports;
  const all = Object.entries(pins.providers);

  const asSet = (kind: ProviderSet['kind'], reason: string): ProviderSet => ({
    kind,
    reason,
    versions: Object.fromEntries(all.map(([name, pin]) => [name, kind === 'released' ? pin.released : pin.buildable])),
    mirror: kind === 'released' ? undefined : layout.mirror,
    lacks: kind === 'released' ? [] : all.flatMap(([, pin]) => pin.buildableLacks),
  });

  /** Only an answer is remembered: silence may end with the next train station. */
  const ask = async (): Promise<ProviderSet> => {
    const trouble = await downloads.trouble(REGISTRY);
    if (trouble) return asSet('buildable', trouble.unavailable);
    await files.write(layout.registryAnswered, '');
    return asSet('released', 'the provider registry answers');
  };

  const forSandbox = async (): Promise<ProviderSet> => {
    if (offline) return asSet('buildable', 'FFOPS_OFFLINE is set');
    if (source === 'build') return asSet('buildable', 'a build was asked for');
    if (source === 'release') return asSet('released', 'releases were asked for');
    const answered = (await files.info(layout.registryAnswered)) !== undefined;
    return answered ? asSet('released', 'the provider registry has answered') : ask();
  };

  /** The note beside the mirror says which build lies in it. */
  const mirrored = async (name: string, pin: ProviderPin) => {
    const tool = `terraform-provider-${name}`;
    const key = await builder.key({ name: tool, version: pin.buildable, pin: pin.build });
    const target = layout.provider(pin.source, pin.buildable, platform);
    const note = join(layout.mirror, 'builds', `${tool}_${pin.buildable}_${platform}`);
    const isThere = async (): Promise<boolean> =>
      (await files.read(note)) === key && (await files.info(target)) !== undefined;
    return { tool, key, target, note, isThere };
  };

  /** Copied from the keyed cache, since OpenTofu wants its own names. */
  const mirror = async (name: string, pin: ProviderPin, because: string, onProgress: OnProgress): Promise<void> => {
    const { tool, key, target, note, isThere } = await mirrored(name, pin);
    const say: Say = (progress) => onProgress({ tool, ...progress });
    if (!(await isThere())) {
      await withLock(
        ports,
        host,
        layout.tool(tool),
        (owner) => say({ step: 'waiting', detail: `for ${owner}, which is installing it` }),
        async () => {
          if (await isThere()) return;
          const built =
            (await cachedBuild(tool, pin.buildable, pin.build)) ??
            (await build(tool, pin.buildable, pin.build, because, say));
          await files.write(target, (await files.readBytes(built.path))!, { mode: 0o755 });
          await files.write(note, key);
        },
      );
    }
    say({ step: 'ready', detail: `${pin.buildable}, in the local mirror` });
  };

  return {
    async set(use) {
      return use === 'real' ? asSet('released', 'real environments use the current releases') : forSandbox();
    },

    async missing() {
      if ((await forSandbox()).kind === 'released') return [];
      const there = await Promise.all(all.map(async ([name, pin]) => mirrored(name, pin)));
      const missing = await Promise.all(there.map(async ({ tool, isThere }) => ((await isThere()) ? [] : [tool])));
      return missing.flat();
    },

    async ensure(onProgress) {
      await files.remove(layout.registryAnswered);
      const set = await forSandbox();
      if (set.kind === 'buildable')
        await together(Object.keys(pins.providers), onProgress, (name) =>
          mirror(name, pins.providers[name]!, set.reason, onProgress),
        );
      return set;
    },
  };
}
