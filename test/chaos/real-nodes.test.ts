/**
 * Twenty lives of a sandbox with real nodes, each with production's ingress really running in it. None leaves anything on
 * the machine. FFOPS_CHAOS_RUNS asks for another number.
 */
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { sandboxLayout } from '../../src/sandbox/layout.ts';
import { markedProcesses } from '../../src/sandbox/processes/proc.ts';
import { machineTraces } from '../support/machine-traces.ts';
import { openProduct, type Product } from '../support/product.ts';
import { leanProduction, realNodesOrSkip } from '../support/real-nodes.ts';

const production = leanProduction(`ingress: { replicas: 1 }
backups: { enabled: false }
apps: { hello: {} }
`);

describe('lives of real nodes', function () {
  this.bail(true);
  let product: Product;

  before(async function () {
    await realNodesOrSkip(this);
    product = openProduct(production);
  });
  after(() => product?.close());

  for (let life = 1; life <= Number(process.env['FFOPS_CHAOS_RUNS'] ?? 20); life++) {
    it(`${String(life)}: start, apply, stop, and the machine is as it was`, async () => {
      const before = machineTraces();
      await product.ffops(['sandbox', 'start', '--nodes', 'real']);
      await product.ffops(['apply', '--yes']);
      expect(await product.kubectl(['get', 'pods', '-A', '--no-headers'])).to.match(/traefik-\S+ +1\/1 +Running/);
      await product.ffops(['sandbox', 'stop']);
      const { root, runtime } = sandboxLayout(product.folder);
      expect(markedProcesses(runtime)).to.deep.equal([]);
      expect(machineTraces()).to.deep.equal(before);
      expect(existsSync(root)).to.equal(false);
    });
  }
});
