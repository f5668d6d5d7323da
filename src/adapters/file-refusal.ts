import { dirname } from 'node:path';
import { UserError } from '../errors.ts';

export type Verb = 'read' | 'write' | 'make' | 'remove';

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** What the system refused, with its cure; anything that is no refusal is handed back as it is. */
export function fileRefusal(error: unknown, path: string, verb: Verb): unknown {
  const code = codeOf(error);
  if (code === '') return error;
  const cannot = `ffops cannot ${verb} ${path}`;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return new UserError('files.denied', {
        message: `${cannot}: permission denied.`,
        hints: [`Give yourself access (\`ls -ld ${dirname(path)}\` shows whose it is), or work in another folder.`],
      });
    case 'EROFS':
      return new UserError('files.readOnly', {
        message: `${cannot}: the file system is read-only.`,
        hints: ['Remount it writable, or copy the workspace to a folder you can write to.'],
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new UserError('files.full', {
        message: `${cannot}: the disk is full.`,
        hints: [
          `Make room (\`df -h ${dirname(path)}\`), then run the same command again; what was there before is still whole.`,
        ],
      });
    case 'ENOTDIR':
    case 'EEXIST':
      return new UserError('files.notAFolder', {
        message: `${cannot}: part of that path is a file, not a folder.`,
        hints: ['Move that file away, or name another path.'],
      });
    case 'EISDIR':
      return new UserError('files.isAFolder', {
        message: `${cannot}: it is a folder, and a file is needed.`,
        hints: ['Move that folder away, or name another path.'],
      });
    default:
      return new UserError('files.failed', {
        message: `${cannot} (${code}).`,
        hints: ['Check the path and the disk it is on, then run the same command again.'],
      });
  }
}
