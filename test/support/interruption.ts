/** Strikes a run of ffops at a moment that a seed chooses, and asks that one plain run puts everything right. */
import { expect } from 'chai';
import { dice, type Dice } from './dice.ts';
import type { Product, RunningFfops } from './product.ts';
import { clearSmallProduction, eventually, footprint, remnants, runningTofus } from './small-production.ts';

export type Verb = 'apply' | 'destroy';

/** Whom it meets, and how; `twice` is Ctrl-C by somebody who does not want to wait. */
const strikes = [
  'ffops SIGINT',
  'ffops SIGTERM',
  'ffops SIGKILL',
  'ffops SIGINT twice',
  'tofu SIGINT',
  'tofu SIGTERM',
  'tofu SIGKILL',
] as const;
export type Strike = (typeof strikes)[number];

/** The n-th time that progress said this, and how long it then said nothing. */
interface Moment {
  readonly line: string;
  readonly nth: number;
  readonly silenceMs: number;
}

/** A run of each verb that nobody disturbed. */
export interface Reference {
  readonly moments: Readonly<Record<Verb, readonly Moment[]>>;
  readonly footprints: Readonly<Record<Verb, readonly string[]>>;
}

/** Begins from nothing and leaves nothing. */
export async function undisturbed(product: Product): Promise<Reference> {
  await product.ffops(['plan']);
  const apply = await watched(product, 'apply');
  // The records of Ingresses are made a little later, by the controller.
  const applied = await eventually(
    () => footprint(product),
    (items) =>
      items.some((item) => item.startsWith('record A hello.')) &&
      items.some((item) => item.startsWith('record TXT _externaldns')),
  );
  const destroy = await watched(product, 'destroy');
  const destroyed = await footprint(product, raced);
  await clearSmallProduction(product);
  return { moments: { apply, destroy }, footprints: { apply: applied, destroy: destroyed } };
}

async function watched(product: Product, verb: Verb): Promise<readonly Moment[]> {
  const running = product.start([verb, '--yes']);
  const lines: { line: string; at: number }[] = [];
  const look = (): void => {
    for (const line of progressOf(running).slice(lines.length)) lines.push({ line, at: Date.now() });
  };
  running.child.stderr?.on('data', look);
  if ((await running.ended) !== 0) throw new Error(`${verb} without a disturbance failed:\n${running.output()}`);
  look();
  // After the last line there is nothing left to disturb.
  return lines.slice(0, -1).map(({ line, at }, index) => ({
    line,
    nth: lines.slice(0, index + 1).filter((other) => other.line === line).length,
    silenceMs: lines[index + 1]!.at - at,
  }));
}

/** Durations differ from run to run. */
function progressOf(running: RunningFfops): string[] {
  const complete = running.output().split('\n').slice(0, -1);
  return complete
    .filter((line) => /^[a-z-]+: .*: /.test(line))
    .map((line) => line.replace(/\d+(\.\d+)? s$/, 'a while'));
}

/** What a controller on its way out may or may not have taken with it. */
const raced = ['record'];

export function strikeOf(seed: number): Strike {
  return dice(seed).pick(strikes);
}

export interface Interrupted {
  readonly told: string;
  /** False when the run had come to its end before. */
  readonly struck: boolean;
}

/**
 * An apply begins from nothing and is whole at the end; a destroy begins from that and leaves nothing at the end.
 * Throws with all that was printed when something is lost, doubled, locked, or not put right by one plain run.
 */
export async function interruptedRun(
  product: Product,
  reference: Reference,
  seed: number,
  verb: Verb,
): Promise<Interrupted> {
  const chance = dice(seed);
  const strike = chance.pick(strikes);
  const moment = chance.pick(reference.moments[verb]);
  const delayMs = Math.round(chance.next() * moment.silenceMs);
  const running = product.start([verb, '--yes']);
  await reached(running, moment);
  await pause(delayMs);
  const struck = await hit(product, running, strike, chance);
  const exitCode = await running.ended;
  const told = `seed ${seed}, ${verb}: ${strike} ${delayMs} ms after "${moment.line}" (${moment.nth}.)${struck ? '' : ', which came too late'}`;
  console.log(`      ${told}; exit ${exitCode}`);
  const story: string[] = [told, running.output()];
  try {
    if (struck) expectEnd(strike, exitCode, running.output());
    await converges(product, reference, verb, story);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${story.join('\n---- then\n')}`);
  }
  if (verb === 'destroy') await clearSmallProduction(product);
  return { told, struck };
}

async function reached(running: RunningFfops, { line, nth }: Moment): Promise<void> {
  const isThere = (): boolean => progressOf(running).filter((other) => other === line).length >= nth;
  await Promise.race([
    running.ended,
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (isThere()) resolve();
      };
      running.child.stderr?.on('data', look);
      look();
    }),
  ]);
}

/** False when there was nobody left to meet. */
async function hit(product: Product, running: RunningFfops, strike: Strike, chance: Dice): Promise<boolean> {
  const [whom, signal, twice] = strike.split(' ') as ['ffops' | 'tofu', NodeJS.Signals, 'twice' | undefined];
  if (whom === 'ffops') {
    const isMet = running.child.exitCode === null && running.child.kill(signal);
    if (twice === undefined || !isMet) return isMet;
    await Promise.race([running.ended, running.seen(/finishing what is in flight/).catch(() => undefined)]);
    running.child.kill(signal);
    return true;
  }
  // Between two of them there is none for a moment.
  while (running.child.exitCode === null && running.child.signalCode === null) {
    const pids = runningTofus(product);
    if (pids.length > 0 && kill(chance.pick(pids), signal)) return true;
    await pause(5);
  }
  return false;
}

/** False when it has ended already. */
export function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** 0 is right where the signal came with nothing left to stop. */
function expectEnd(strike: Strike, exitCode: number | null, output: string): void {
  const end = output.slice(-1500);
  if (strike === 'ffops SIGKILL') expect(exitCode).to.equal(null);
  else if (strike.startsWith('ffops')) expect(exitCode, `the exit code after ${strike}`).to.be.oneOf([0, 130]);
  else expect(exitCode, `the exit code after ${strike}`).to.be.oneOf([0, 1]);
  if (exitCode === 130 || exitCode === 1)
    expect(end, 'the last words').to.match(/\d left|nothing was (applied|changed|destroyed)/i);
}

async function converges(product: Product, reference: Reference, verb: Verb, story: string[]): Promise<void> {
  const again = await product.ffops([verb, '--yes']);
  story.push(again.stderr + again.stdout);
  const found = await eventually(
    () => footprint(product, verb === 'destroy' ? raced : []),
    (items) => items.join() === reference.footprints[verb].join(),
  );
  expect(found, 'what is in the cloud').to.deep.equal(reference.footprints[verb]);
  expect(await remnants(product), 'what is left on disk').to.deep.equal([]);
  if (verb === 'destroy') return;
  await product.ffops(['plan', '--detailed-exitcode']);
  const { releases } = await product.result<{ releases: { release: string; healthy: boolean }[] }>(['status']);
  expect(releases.map(({ release, healthy }) => `${release} ${healthy ? 'is well' : 'is not'}`).sort()).to.deep.equal(
    ['external-dns', 'hello', 'traefik'].map((release) => `${release} is well`),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
