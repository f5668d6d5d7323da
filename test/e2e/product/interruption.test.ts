/**
 * Five interruptions of the many that `npm run chaos` throws: applies from nothing and destroys of all of it, in turn,
 * in the life of one sandbox.
 */
import { expect } from 'chai';
import { interruptedRun, strikeOf, undisturbed, type Reference } from '../../support/interruption.ts';
import { openProduct, type Product } from '../../support/product.ts';
import { smallProduction } from '../../support/small-production.ts';

describe('an interrupted run, and the plain one after it', function () {
  this.bail(true);
  let product: Product;
  let reference: Reference;

  before(async () => {
    product = openProduct(smallProduction);
    reference = await undisturbed(product);
  });
  after(() => product.close());

  // Seeds that bring every signal to ffops, and the hardest one to tofu, far into the work.
  [18, 8, 4, 36, 35].forEach((seed, index) => {
    const verb = index % 2 === 0 ? 'apply' : 'destroy';
    it(`goes on where ${strikeOf(seed)} met the ${verb} of seed ${seed}`, async () => {
      const { told, struck } = await interruptedRun(product, reference, seed, verb);
      expect(struck, told).to.equal(true);
    });
  });
});
