/** `tofu init`, only when something it depends on has changed. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FailedError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import { tofu } from '../tools/tofu.ts';
import type { Engine } from './engine.ts';
import { schedule } from './scheduler.ts';
import type { Variables } from './stack-environment.ts';
import { failure } from './tofu-runs.ts';

/** OpenTofu's own configuration, for all stacks: providers are downloaded once and shared. */
export async function writeCliConfig(engine: Engine): Promise<void> {
  const { files } = engine.ports;
  const mirror = engine.target.providerMirror;
  const installation = mirror
    ? ['provider_installation {', '  filesystem_mirror {', `    path = ${JSON.stringify(mirror)}`, '  }', '}']
    : [`plugin_cache_dir = ${JSON.stringify(engine.layout.pluginCache)}`];
  const text = [...installation, ''].join('\n');
  if (!mirror) await files.makeFolder(engine.layout.pluginCache);
  if ((await files.read(engine.layout.cliConfig)) !== text) await files.write(engine.layout.cliConfig, text);
}

export type VariablesOf = (stack: Stack) => Promise<Variables>;

/**
 * Initialises what needs it. The first stack of each set of providers goes alone, so that the others find the shared
 * cache warm. Returns, by stack, what went wrong.
 */
export async function initialiseStacks(
  engine: Engine,
  stacks: readonly Stack[],
  variablesOf: VariablesOf,
): Promise<ReadonlyMap<string, unknown>> {
  await writeCliConfig(engine);
  const keys = await Promise.all(stacks.map((stack) => initKey(engine, stack)));
  const stale = stacks.filter((_, index) => !keys[index]!.fresh);
  const firsts = new Map<string, string>();
  const makeBucket = once(() => engine.target.cloud.stateBucketMissing());
  const jobs = stale.map((stack) => {
    const providers = [...stack.providers].sort().join();
    const first = firsts.get(providers);
    if (first === undefined) firsts.set(providers, stack.name);
    return {
      name: stack.name,
      after: first === undefined ? [] : [first],
      run: () => initialise(engine, stack, variablesOf, makeBucket),
    };
  });
  const outcomes = await schedule(jobs, { parallel: engine.parallel, interruption: engine.ports.interruption });
  const failures = [...outcomes].flatMap(([name, outcome]) => {
    if (outcome.kind === 'failed') return [[name, outcome.error] as const];
    if (outcome.kind === 'skipped')
      return [
        [
          name,
          new FailedError('init.skipped', {
            message: `Stack ${name}: its providers could not be fetched (see ${outcome.because}).`,
          }),
        ] as const,
      ];
    return [];
  });
  return new Map(failures);
}

async function initialise(
  engine: Engine,
  stack: Stack,
  variablesOf: VariablesOf,
  makeBucket: () => Promise<void>,
): Promise<void> {
  const folder = engine.layout.stack(stack.name);
  const env = await variablesOf(stack);
  engine.emit({ kind: 'stack-began', stack: stack.name, step: 'fetching providers' });
  const run = () =>
    engine.ports.runner.run({
      program: engine.tofu,
      args: tofu.init(),
      cwd: folder,
      env,
      interruption: engine.ports.interruption,
    });
  let outcome = await run();
  if (outcome.exitCode !== 0 && /NoSuchBucket|bucket does not exist/i.test(outcome.stderr)) {
    await makeBucket();
    outcome = await run();
  }
  if (outcome.exitCode !== 0) throw failure(engine, stack, 'tofu.init', outcome, env);
  await engine.ports.files.write(stampFile(engine, stack), (await initKey(engine, stack)).key);
}

/** Several stacks find it missing at the same time; the bucket is made once. */
function once(make: () => Promise<void>): () => Promise<void> {
  let made: Promise<void> | undefined;
  return () => (made ??= make());
}

function stampFile(engine: Engine, stack: Stack): string {
  return join(engine.layout.stack(stack.name), '.terraform', 'ffops-init');
}

/** The blocks that `init` reads, as they stand in formatted modules. */
const initBlocks = /^(?:terraform|module "[^"]*") \{\n[\s\S]*?^\}/gm;

async function initKey(engine: Engine, stack: Stack): Promise<{ readonly key: string; readonly fresh: boolean }> {
  const { files } = engine.ports;
  const folder = engine.layout.stack(stack.name);
  const names = (await files.list(folder)).filter((name) => name.endsWith('.tf'));
  const sources = await Promise.all(names.map(async (name) => (await files.read(join(folder, name))) ?? ''));
  const binary = await files.info(engine.tofu);
  const parts = [
    ...sources.flatMap((source) => source.match(initBlocks) ?? []),
    (await files.read(join(folder, '.terraform.lock.hcl'))) ?? '',
    (await files.read(engine.layout.cliConfig)) ?? '',
    // The binary's size and date stand for its version: asking it would cost more than all the rest.
    `${engine.tofu} ${binary?.size} ${binary?.modifiedMs}`,
    folder,
  ];
  const key = createHash('sha256').update(parts.join('\0')).digest('hex');
  return { key, fresh: (await files.read(stampFile(engine, stack))) === key };
}
