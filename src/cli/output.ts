import { UserError } from '../errors.ts';

/** A reader that goes away (`| head`, a closed terminal) is no failure of ours: what it does not read is not written. */
export function forgiveLostReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}

/** Output goes to a file by redirection, whose disk can be full; undefined for anything else that is thrown. */
export function outputError(thrown: unknown): UserError | undefined {
  const { code, syscall } = (thrown ?? {}) as NodeJS.ErrnoException;
  if (syscall !== 'write' || (code !== 'ENOSPC' && code !== 'EDQUOT')) return undefined;
  return new UserError('output.full', {
    message: 'The output cannot be written: the disk is full.',
    hints: ['Make room, or send the output elsewhere, then run the same command again.'],
  });
}
