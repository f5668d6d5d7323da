/** The cloud misbehaves during an apply: on three routes here, on every route an apply uses in `npm run chaos`. */
import { applyUnderFaults, type FaultKind, type Route } from '../../support/faulty-run.ts';
import { openProduct, type Product } from '../../support/product.ts';
import { clearSmallProduction, footprint, smallProduction } from '../../support/small-production.ts';

const base = ['--stack', 'base'];
const cloud = ['--stack', 'cloud', '--only'];

interface Case {
  readonly route: Route;
  readonly kinds: readonly FaultKind[];
  readonly selection: readonly string[];
}

const cases: readonly Case[] = [
  {
    route: { method: 'POST', path: '/v2/domains/*/records' },
    kinds: ['rate-limit', 'error', 'fail-after'],
    selection: base,
  },
  { route: { method: 'GET', path: '/v2/projects' }, kinds: ['reset', 'stall'], selection: base },
  {
    route: { method: 'POST', path: '/v2/kubernetes/clusters' },
    kinds: ['rate-limit', 'reset', 'fail-after'],
    selection: cloud,
  },
];

describe('an apply while the cloud misbehaves', function () {
  this.bail(true);
  let product: Product;
  const expected = new Map<readonly string[], readonly string[]>();

  before(async () => {
    product = openProduct(smallProduction);
    for (const selection of [base, cloud]) {
      await product.ffops(['apply', '--yes', ...selection]);
      expected.set(selection, await footprint(product));
      await clearSmallProduction(product);
    }
  });
  after(() => product.close());

  for (const { route, kinds, selection } of cases) {
    it(`says what happened and converges: ${route.method} ${route.path} with ${kinds.join(', ')}`, async () => {
      await applyUnderFaults({ product, route, kinds, selection, expected: expected.get(selection)! });
    });
  }
});
