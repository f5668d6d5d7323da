/**
 * Tests that a life has in `npm run chaos` alone: `npm test` has a quarter of an hour, and of each kind of proof the one that
 * proves most. Whoever runs such a file by hand sets FFOPS_AT_LENGTH=1.
 */
export const itAtLength: (title: string, test: () => Promise<void>) => void =
  process.env['FFOPS_AT_LENGTH'] === '1' ? (title, test) => void it(title, test) : () => undefined;
