/**
 * What `npm run chaos` adds: `npm test` has a quarter of an hour, and of each kind of proof the part that proves most. Whoever
 * runs such a file by hand sets FFOPS_AT_LENGTH=1.
 */
export const atLength = process.env['FFOPS_AT_LENGTH'] === '1';

/** A test of a life that nothing after it stands on. */
export const itAtLength: (title: string, test: () => Promise<void>) => void = atLength
  ? (title, test) => void it(title, test)
  : () => undefined;
