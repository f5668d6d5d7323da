import { expect } from 'chai';
import { atDashes, globalFlagsLast, passedOn, wantsFlag } from '../../../src/cli/argv.ts';

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

  const passed: [string, string, string[]][] = [
    ['-e prod -- exec -n a web -c web -- sh -c', '-e prod', ['exec', '-n', 'a', 'web', '-c', 'web', '--', 'sh', '-c']],
    ['-e prod get pods', '-e prod get pods', []],
    ['-e prod --', '-e prod', []],
  ];
  for (const [typed, own, expected] of passed) {
    it(`leaves another program's words as they are, also those that come twice: ${typed}`, () => {
      const halves = atDashes(typed.split(' '));
      expect(halves.own).to.deep.equal(own.split(' '));
      expect(passedOn([], halves.beyond)).to.deep.equal(expected);
    });
  }

  it('leaves the `--` to a program whose words stand before it', () => {
    const { beyond } = atDashes('exec -it web -- sh -c'.split(' '));
    expect(passedOn(['exec', '-it', 'web'], beyond)).to.deep.equal(['exec', '-it', 'web', '--', 'sh', '-c']);
  });
});
