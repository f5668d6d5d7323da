import { expect } from 'chai';
import { globalFlagsLast, wantsFlag } from '../../../src/cli/argv.ts';

describe('argv', () => {
  const cases: [string, string][] = [
    ['render --check', 'render --check'],
    ['-e prod render --check', 'render --check -e prod'],
    ['--json --workspace shop env list', 'env list --json --workspace shop'],
    ['--workspace=shop -y plan', 'plan --workspace=shop -y'],
    ['-e prod kube -- get pods', 'kube -e prod -- get pods'],
    ['--unknown render', '--unknown render'],
    ['--help', '--help'],
    ['--json', '--json'],
    ['', ''],
  ];
  for (const [given, wanted] of cases) {
    it(`puts global flags behind the command: ${given || '(nothing)'}`, () => {
      const words = (text: string) => text.split(' ').filter((word) => word !== '');
      expect(globalFlagsLast(words(given))).to.deep.equal(words(wanted));
    });
  }

  it('asks for a flag before the `--` only', () => {
    expect(wantsFlag(['kube', '--json', '--', 'get'], 'json')).to.equal(true);
    expect(wantsFlag(['kube', '--', 'get', '--json'], 'json')).to.equal(false);
  });
});
