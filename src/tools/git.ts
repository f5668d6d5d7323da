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

/** Who changed each line last, and when. */
export function blame(folder: string, file: string): ToolCall {
  return { ...git(folder, ['blame', '--porcelain', '--', file]), timeoutMs: 5000 };
}

export interface LineAge {
  readonly text: string;
  /** Undefined for a line that is not committed. */
  readonly changedAt: number | undefined;
}

/** A commit is described where it is first met; each line of the file follows its head, behind a tab. */
export function parseBlame(stdout: string): readonly LineAge[] {
  const times = new Map<string, number>();
  const lines: LineAge[] = [];
  let commit = '';
  for (const line of stdout.split('\n')) {
    const head = /^([0-9a-f]{40,64}) \d+ \d+/.exec(line)?.[1];
    if (line.startsWith('\t')) lines.push({ text: line.slice(1), changedAt: times.get(commit) });
    else if (head !== undefined) commit = head;
    else if (line.startsWith('author-time ') && !/^0+$/.test(commit))
      times.set(commit, Number(line.slice('author-time '.length)) * 1000);
  }
  return lines;
}

export function topLevel(folder: string): ToolCall {
  return git(folder, ['rev-parse', '--show-toplevel']);
}

/** Of the next commit, beside what it only removes. */
export function stagedFiles(top: string, index: string | undefined): ToolCall {
  return { ...git(top, ['diff', '--cached', '--name-only', '--diff-filter=d', '-z']), env: { GIT_INDEX_FILE: index } };
}

export function trackedFiles(top: string): ToolCall {
  return git(top, ['ls-files', '-z']);
}

/** Of every commit of every branch, as often as it was added. */
export function filesEver(top: string): ToolCall {
  return git(top, ['log', '--all', '--format=', '--name-only', '--diff-filter=A', '-z']);
}

export function parseNames(stdout: string): readonly string[] {
  return stdout.split('\0').filter((name) => name !== '');
}

/** What the repository holds, reachable or not. */
export function allObjects(top: string): ToolCall {
  return git(top, [
    'cat-file',
    '--batch-all-objects',
    '--unordered',
    '--batch-check=%(objectname) %(objecttype) %(objectsize)',
  ]);
}

export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly size: number;
}

export function parseObjects(stdout: string): readonly GitObject[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', type = '', size = '0'] = line.split(' ');
      return { id, type, size: Number(size) };
    });
}

/** Their content, one after another. */
export function objects(top: string, names: readonly string[], index?: string): ToolCall {
  return { ...git(top, ['cat-file', '--batch']), env: { GIT_INDEX_FILE: index }, stdin: `${names.join('\n')}\n` };
}

/** The first commit that brought an object, and its path there; for a commit, that one. */
export function commitsWith(top: string, id: string): ToolCall {
  return git(top, ['log', '--all', '--reverse', `--find-object=${id}`, '--format=%h', '--name-only']);
}

export function hooksFolder(folder: string): ToolCall {
  return git(folder, ['rev-parse', '--path-format=absolute', '--git-path', 'hooks']);
}
