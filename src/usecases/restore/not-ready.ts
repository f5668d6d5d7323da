import { FailedError } from '../../errors.ts';

export function notReady(what: string, lines: readonly string[]): FailedError {
  return new FailedError('backup.notReady', {
    message: [`${what} does not come up:`, ...lines].join('\n'),
    hints: ['Repair it, then run this again: it goes on from here.'],
  });
}
