/** git: argv and the shape of what it prints. Only questions; ffops never changes a repository. */
import type { ToolCall } from './call.ts';

/** Optional locks would make a plain question write to the index. */
function git(folder: string, args: readonly string[]): ToolCall {
  return { args: ['--no-optional-locks', ...args], cwd: folder };
}

export function status(folder: string): ToolCall {
  return git(folder, ['status', '--porcelain=v2', '--branch', '--untracked-files=normal', '-z', '--', '.']);
}

export interface GitStatus {
  /** Changed and untracked paths. */
  readonly dirty: readonly string[];
  /** Commits that the upstream has and we do not, as of the last fetch; 0 without upstream. */
  readonly behind: number;
}

export function parseStatus(stdout: string): GitStatus {
  const dirty: string[] = [];
  let behind = 0;
  const fields = stdout.split('\0');
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] ?? '';
    if (field.startsWith('# branch.ab ')) behind = Number(/ -(\d+)/.exec(field)?.[1] ?? '0');
    else if (field.startsWith('? ')) dirty.push(field.slice(2));
    else if (/^[1u] /.test(field))
      dirty.push(
        field
          .split(' ')
          .slice(field.startsWith('1') ? 8 : 10)
          .join(' '),
      );
    else if (field.startsWith('2 ')) {
      dirty.push(field.split(' ').slice(9).join(' '));
      // A rename is followed by the path it came from.
      index += 1;
    }
  }
  return { dirty, behind };
}
