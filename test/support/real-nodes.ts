/** Real nodes where this machine allows them: tests that need them skip elsewhere, and say why. */
import type { Context } from 'mocha';
import { findPrepared } from '../../src/sandbox/real/prepare.ts';
import { machineLacks } from '../../src/sandbox/real/preflight.ts';
import { cacheRoot } from '../../src/toolchain/layout.ts';

export async function realNodesOrSkip(test: Context): Promise<void> {
  const lacks = await machineLacks();
  const why = lacks.length > 0 ? lacks.map(({ what }) => what).join('; ') : unprepared();
  if (why === undefined) return;
  console.log(`      skipped: ${why}`);
  test.skip();
}

function unprepared(): string | undefined {
  try {
    findPrepared(cacheRoot(process.env));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
