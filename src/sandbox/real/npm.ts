import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const QUIET = ['--silent', '--no-audit', '--no-fund', '--no-update-notifier', '--no-package-lock'];

/** Packages of npm as files: programs that are published there, put into a folder of their own. Returns the package's. */
export function openNpm(folder: string, say: (line: string) => void): (spec: string) => Promise<string> {
  return async (spec) => {
    const name = spec.slice(0, spec.lastIndexOf('@'));
    const target = join(folder, createHash('sha256').update(spec).digest('hex').slice(0, 12));
    if (!existsSync(target)) {
      say(`downloading ${spec}`);
      const fresh = `${target}.${String(process.pid)}`;
      rmSync(fresh, { recursive: true, force: true });
      mkdirSync(fresh, { recursive: true });
      writeFileSync(join(fresh, 'package.json'), '{"private":true}');
      // Its own script runs: an archive of npm holds no links, and the script makes them.
      await run('npm', ['install', ...QUIET, '--ignore-scripts=false', spec], { cwd: fresh });
      renameSync(fresh, target);
    }
    return join(target, 'node_modules', name);
  };
}
