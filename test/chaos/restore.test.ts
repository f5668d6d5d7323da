/**
 * Restores of deleted namespaces, each struck once at a moment that its seed chooses. A run that fails says its seed;
 * FFOPS_CHAOS_SEED and FFOPS_CHAOS_RUNS repeat it.
 */
import type { BackupCreateResult } from '../../src/usecases/backup-create.ts';
import { chaosWish } from '../support/dice.ts';
import {
  allContents,
  backedUpProduction,
  deleteAll,
  interruptedRestore,
  restoreAll,
  type Kept,
} from '../support/interrupted-restore.ts';
import { openProduct, type Product } from '../support/product.ts';

describe('restores interrupted at random', function () {
  this.bail(true);
  let product: Product;
  let kept: Kept;

  before(async () => {
    product = openProduct(backedUpProduction);
    await product.ffops(['apply', '--yes']);
    const contents = await allContents(product);
    const made = await product.result<BackupCreateResult>(['backup', 'create']);
    const backup = made.parts.find(({ part }) => part === 'objects')!.id;
    await deleteAll(product);
    const began = Date.now();
    await restoreAll(product, { backup, contents });
    kept = { backup, contents, durationMs: Date.now() - began };
  });
  after(() => product.close());

  for (const seed of chaosWish(process.env, 10)) {
    it(`seed ${seed}: what was there is there again`, async () => {
      await interruptedRestore(product, kept, seed);
    });
  }
});
