import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliHome, type CliHome } from '../support/cli.ts';

describe('autocomplete', () => {
  let cli: CliHome;
  before(() => void (cli = cliHome('fullfrontend')));
  after(() => cli.remove());

  async function script(shell: string): Promise<string> {
    const { exitCode, stdout } = await cli.run(['autocomplete', shell]);
    expect(exitCode).to.equal(0);
    const file = join(cli.folder, `ffops.${shell}`);
    writeFileSync(file, stdout);
    return file;
  }

  /** What bash would offer after these words, the last of which is being typed. */
  function offered(file: string, words: readonly string[]): string[] {
    const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ffops; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const output = execFileSync('bash', ['-c', program, 'bash', file, ...words], { cwd: cli.folder, encoding: 'utf8' });
    return output.split('\n').filter((line) => line !== '');
  }

  const cases: [words: string[], some: string[], none: string[]][] = [
    [
      ['ffops', ''],
      ['env', 'render', 'init', 'autocomplete'],
      ['list', '--json'],
    ],
    [['ffops', 're'], ['render'], ['env']],
    [['ffops', 'env', ''], ['list', 'show', 'use'], ['render']],
    [['ffops', 'env', 'use', ''], ['dev', 'prod'], ['list']],
    [['ffops', 'env', 'use', 'dev', '--js'], ['--json'], ['--env']],
    [['ffops', 'render', '-e', 'p'], ['prod'], ['dev']],
    [['ffops', 'render', '--ch'], ['--check'], ['--json']],
    [['ffops', 'init', '--template', ''], ['minimal', 'fullfrontend'], []],
    [['ffops', 'autocomplete', ''], ['bash', 'zsh', 'fish'], []],
  ];
  it('offers in bash what can follow', async () => {
    const file = await script('bash');
    for (const [words, some, none] of cases) {
      const words_ = words.join(' ');
      expect(offered(file, words), words_).to.include.members(some);
      for (const word of none) expect(offered(file, words), words_).to.not.include(word);
    }
  });

  for (const shell of ['zsh', 'fish']) {
    it(`is a script that ${shell} reads`, async function () {
      const file = await script(shell);
      try {
        execFileSync(shell, ['--version'], { stdio: 'ignore' });
      } catch {
        this.skip();
      }
      execFileSync(shell, ['-n', file], { stdio: 'pipe' });
    });
  }

  it('knows its shells', async () => {
    expect((await cli.run(['autocomplete', 'tcsh'])).exitCode).to.equal(3);
  });
});
