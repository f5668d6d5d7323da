/**
 * Every route that an apply uses, each with every kind of fault. With FFOPS_CHAOS_RUNS only so many routes, which
 * FFOPS_CHAOS_SEED chooses.
 */
import { dice } from '../support/dice.ts';
import { applyUnderFaults, faultKinds, type Route } from '../support/faulty-run.ts';
import { openProduct, type Product } from '../support/product.ts';
import { clearSmallProduction, eventually, footprint, smallProduction } from '../support/small-production.ts';

interface Call extends Route {
  readonly at: string;
}

interface Part {
  readonly name: string;
  readonly selection: readonly string[];
  /** What of the calls is not the apply's own. */
  readonly others: RegExp;
}

/** From the smallest to the largest; a route is tried with the first that uses it. */
const parts: readonly Part[] = [
  { name: 'base', selection: ['--stack', 'base'], others: /^\/_sandbox/ },
  { name: 'cloud', selection: ['--stack', 'cloud', '--only'], others: /^\/_sandbox/ },
  // Inside a cluster external-dns makes records of its own.
  { name: 'all', selection: [], others: /\/records|^\/_sandbox/ },
];

describe('every route of an apply, with every fault', () => {
  it('says what happened and converges', async function () {
    this.timeout(0);
    const seed = Number(process.env['FFOPS_CHAOS_SEED'] ?? 1);
    const failures: string[] = [];
    let product = openProduct(smallProduction);
    try {
      const used = await routesUsed(product);
      const routes = dice(seed)
        .shuffle(used)
        .slice(0, Number(process.env['FFOPS_CHAOS_RUNS'] ?? used.length));
      console.log(`      ${routes.length} of ${used.length} routes, seed ${seed}`);
      for (const { route, part, expected } of routes) {
        try {
          await applyUnderFaults({ product, route, kinds: faultKinds, selection: part.selection, expected });
        } catch (error) {
          failures.push(`${route.method} ${route.path}: ${(error as Error).message}`);
          console.log(`      FAILED ${failures.at(-1)}`);
          await product.close();
          product = openProduct(smallProduction);
          await product.ffops(['plan']);
        }
      }
    } finally {
      await product.close();
    }
    if (failures.length > 0) throw new Error(failures.join('\n\n'));
  });
});

interface Used {
  readonly route: Route;
  readonly part: Part;
  readonly expected: readonly string[];
}

async function routesUsed(product: Product): Promise<readonly Used[]> {
  const seen = new Set<string>();
  const used: Used[] = [];
  // The state's bucket is made here: it stays, and no later apply makes it again.
  await product.ffops(['plan']);
  for (const part of parts) {
    const since = new Date().toISOString();
    await product.ffops(['apply', '--yes', ...part.selection]);
    const expected = await eventually(
      () => footprint(product),
      (items) => part.name !== 'all' || items.some((item) => item.startsWith('record TXT _externaldns')),
    );
    const { calls } = await product.api<{ calls: readonly Call[] }>('GET', `/_sandbox/calls?since=${since}`);
    for (const { method, path } of calls) {
      const route = { method, path: withoutIds(path) };
      const name = `${method} ${route.path}`;
      if (seen.has(name) || part.others.test(path) || isOtherState(path)) continue;
      seen.add(name);
      used.push({ route, part, expected });
    }
    await clearSmallProduction(product);
  }
  return used;
}

function withoutIds(path: string): string {
  return path.replace(/\/([0-9a-f]{8}-[0-9a-f-]{27}|\d+)(?=\/|$)/g, '/*');
}

/** Every stack keeps its state, and the note of what was applied, in the same way: one of them stands for all. */
function isOtherState(path: string): boolean {
  return /\/prod\/(?!base\.)[^/]+\.(tfstate|applied)/.test(path);
}
