/** Real nodes where this machine allows them, and what runs on them: tests that need them skip elsewhere, and say why. */
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

/** One node, and no more around it than pods need that really run; `more` is what the environment has beside. */
export function leanProduction(more: string): string {
  return `platform: doks
rootDomain: example.com
size: small
cluster:
  region: ams3
  systemPool: { size: s-2vcpu-4gb, count: 1 }
  nodePools: []
tls: { issuer: none }
dns: { provider: none }
metrics: { enabled: false }
${more}`;
}

/** Says how long after its own start something was there. */
export function stopwatch(): (what: string) => void {
  const began = Date.now();
  return (what) => console.log(`      ${what}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

function unprepared(): string | undefined {
  try {
    findPrepared(cacheRoot(process.env));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
