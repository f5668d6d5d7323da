/** Applies while the simulated cloud misbehaves on one route, and asks that the runs after it put everything right. */
import { expect } from 'chai';
import type { FaultRequest } from '../../src/sandbox/digitalocean/faults.ts';
import type { Product } from './product.ts';
import { clearSmallProduction, eventually, footprint, remnants } from './small-production.ts';

export type FaultKind = FaultRequest['kind'];
export const faultKinds: readonly FaultKind[] = ['rate-limit', 'error', 'reset', 'stall', 'fail-after'];

export interface Route {
  readonly method: NonNullable<FaultRequest['method']>;
  /** As faults name it: a star stands for an id. */
  readonly path: string;
}

/** ffops' own requests give up after 30 seconds; OpenTofu's clients wait longer than any test should. */
const stallMs = 31_000;

/** What somebody who reads only the output must find in it, when the run did not get over the fault by itself. */
const causes: Readonly<Record<FaultKind, RegExp>> = {
  'rate-limit': /429|too many|reduce your request rate/i,
  error: /\b500\b|server error|internal ?error/i,
  reset: /EOF|reset|closed|did not answer/i,
  stall: /too long|time-?out|deadline/i,
  'fail-after': /\b500\b|server error|internal ?error/i,
};

/** The provider reads credentials without looking whether they came: what it met is lost in its crash. */
const crash = /The provider crashed/;

/** A lock that was made while its answer was lost stands in the way of who made it: that run says so, the next one knows better. */
const ownLock = { exitCode: 5, cause: /is locked by/ };

export interface FaultyRun {
  readonly product: Product;
  readonly route: Route;
  readonly kinds: readonly FaultKind[];
  /** Arguments of `apply` and `plan`. */
  readonly selection: readonly string[];
  /** What is in the cloud after an apply that nobody disturbed. */
  readonly expected: readonly string[];
}

/**
 * One fault after the other, each met by an apply of its own; the last word has an apply without one. Begins from
 * nothing and leaves nothing.
 */
export async function applyUnderFaults({ product, route, kinds, selection, expected }: FaultyRun): Promise<void> {
  const name = `${route.method} ${route.path}`;
  for (const kind of kinds) {
    const outcome = await disturbed(product, route, kind, selection);
    console.log(`      ${name}, ${kind}: ${outcome.exitCode === 0 ? 'retried' : firstProblem(outcome.said)}`);
    if (outcome.exitCode === 0 && kind !== kinds.at(-1)) {
      await converged(product, selection, expected, `${name}, ${kind}`);
      await clearSmallProduction(product);
    }
  }
  await product.ffops(['apply', '--yes', ...selection]);
  await converged(product, selection, expected, `${name}, after ${kinds.join(', ')}`);
  await clearSmallProduction(product);
}

export interface Disturbed {
  readonly exitCode: number | null;
  readonly said: string;
}

/** One apply, one fault. Throws when no request met it, or when what ffops says about it does not help. */
export async function disturbed(
  product: Product,
  route: Route,
  kind: FaultKind,
  selection: readonly string[] = [],
): Promise<Disturbed> {
  const { fault } = await product.api<{ fault: { id: string } }>('POST', '/_sandbox/faults', {
    kind,
    ...route,
    ...(kind === 'stall' && { delayMs: stallMs }),
  });
  const locksItself = kind === 'fail-after' && route.method === 'PUT' && route.path.endsWith('.tflock');
  const codes = locksItself ? [0, ownLock.exitCode] : [0, 1];
  const { exitCode, stdout, stderr } = await product.ffops(['apply', '--yes', ...selection], codes);
  const { faults } = await product.api<{ faults: { id: string; met: number }[] }>('GET', '/_sandbox/faults');
  await product.api('DELETE', `/_sandbox/faults/${fault.id}`);
  const said = stdout + stderr;
  expect(
    faults.find(({ id }) => id === fault.id)?.met,
    `requests that met ${kind} on ${route.method} ${route.path}\n${said}`,
  ).to.equal(1);
  if (exitCode !== 0) {
    const cause = locksItself ? ownLock.cause : route.path.endsWith('/credentials') ? crash : causes[kind];
    expect(said, 'the cause').to.match(cause);
    expect(said, 'what is left, and what to do').to.match(
      /Run the same command again|Nothing was applied: the plan failed/,
    );
  }
  return { exitCode, said };
}

async function converged(
  product: Product,
  selection: readonly string[],
  expected: readonly string[],
  after: string,
): Promise<void> {
  const found = await eventually(
    () => footprint(product),
    (items) => items.join() === expected.join(),
  );
  expect(found, `what is in the cloud after ${after}`).to.deep.equal(expected);
  expect(await remnants(product), `what is left on disk after ${after}`).to.deep.equal([]);
  await product.ffops(['plan', '--detailed-exitcode', ...selection]);
}

function firstProblem(said: string): string {
  return (
    said
      .split('\n')
      .find((text) => /^\s*(Failed|.*did not answer|.*answered)\b/.test(text))
      ?.trim()
      .slice(0, 160) ?? 'reported'
  );
}
