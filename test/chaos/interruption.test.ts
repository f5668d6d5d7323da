/**
 * Applies and destroys, in turn, each struck once, at a moment that its seed chooses. A run that fails says its seed;
 * FFOPS_CHAOS_SEED and FFOPS_CHAOS_RUNS repeat it.
 */
import { expect } from 'chai';
import { chaosWish } from '../support/dice.ts';
import { interruptedRun, strikeOf, undisturbed, type Reference } from '../support/interruption.ts';
import { openProduct, type Product } from '../support/product.ts';
import { smallProduction } from '../support/small-production.ts';

describe('runs interrupted at random', () => {
  const seeds = chaosWish(process.env, 30);
  let product: Product;
  let reference: Reference;
  let struck = 0;
  let runs = 0;

  before(async () => {
    product = openProduct(smallProduction);
    reference = await undisturbed(product);
  });
  after(() => product.close());

  for (const seed of seeds) {
    it(`seed ${seed}: an apply and a destroy, each met by ${strikeOf(seed)}`, async () => {
      try {
        for (const verb of ['apply', 'destroy'] as const) {
          runs += 1;
          if ((await interruptedRun(product, reference, seed, verb)).struck) struck += 1;
        }
      } catch (error) {
        // What a failure left would fail the next one too.
        await product.close();
        product = openProduct(smallProduction);
        throw error;
      }
    });
  }

  it('met nearly all of them before they had ended', () => {
    expect(struck).to.be.at.least(Math.floor(runs * 0.8));
  });
});
