import { expect } from 'chai';
import { cliHome, type CliHome } from '../support/cli.ts';

interface ErrorDocument {
  schema: string;
  ok: boolean;
  error: { code: string; message: string; hints: string[] };
}

describe('mistyped', () => {
  let cli: CliHome;
  before(() => void (cli = cliHome('fullfrontend')));
  after(() => cli.remove());

  const cases: [name: string, words: string[], code: string, message: string | RegExp, hint: string | RegExp][] = [
    [
      'a command',
      ['rendr'],
      'usage.unknownCommand',
      'There is no command `ffops rendr`.',
      'Did you mean `ffops render`?',
    ],
    [
      'a command below a topic',
      ['env', 'lst'],
      'usage.unknownCommand',
      'There is no command `ffops env lst`.',
      'Did you mean `ffops env list`?',
    ],
    [
      'a topic',
      ['evn', 'list'],
      'usage.unknownCommand',
      'There is no command `ffops evn`.',
      'Did you mean `ffops env`?',
    ],
    [
      'a command without its topic',
      ['hosts'],
      'usage.unknownCommand',
      'There is no command `ffops hosts`.',
      'Did you mean `ffops env hosts`?',
    ],
    [
      'a command that resembles nothing',
      ['xyzzy'],
      'usage.unknownCommand',
      'There is no command `ffops xyzzy`.',
      '`ffops` alone lists all of them.',
    ],
    ['a flag', ['render', '--chekc'], 'usage.unknownFlag', 'There is no flag `--chekc`.', 'Did you mean `--check`?'],
    [
      'a global flag',
      ['env', 'list', '--jsn'],
      'usage.unknownFlag',
      'There is no flag `--jsn`.',
      'Did you mean `--json`?',
    ],
    [
      'an argument too many',
      ['env', 'list', 'prod'],
      'usage.wrong',
      'Unexpected argument: prod.',
      'See `ffops env list --help`.',
    ],
    [
      'an argument too few',
      ['env', 'use'],
      'usage.wrong',
      'Missing: NAME (an environment of the workspace).',
      'See `ffops env use --help`.',
    ],
    [
      'a flag without its value',
      ['render', '--env'],
      'usage.wrong',
      'Flag --env expects a value.',
      'See `ffops render --help`.',
    ],
    [
      'a value that is no option',
      ['init', 'x', '--template', 'big'],
      'usage.wrong',
      /^Expected --template=big to be one of: /,
      'See `ffops init x --help`.',
    ],
  ];

  /** Before the flags, so that none of them takes it for its value. */
  const withJson = (words: string[]): string[] => {
    const flag = words.findIndex((word) => word.startsWith('-'));
    return flag < 0 ? [...words, '--json'] : [...words.slice(0, flag), '--json', ...words.slice(flag)];
  };

  for (const [name, words, code, message, hint] of cases) {
    it(`${name}: says so and what was meant`, async () => {
      const { exitCode, stdout, stderr } = await cli.run(words);
      expect(exitCode).to.equal(3);
      expect(stdout).to.equal('');
      expect(stderr).to.match(/^Error: /);
      if (typeof message === 'string') expect(stderr).to.include(message);
      else expect(stderr.replace(/^Error: /, '')).to.match(message);
      expect(stderr).to.include(`→ ${hint}`);
      expect(stderr).to.not.match(/^\s+at .*\.js/m);
    });

    it(`${name}: for machines too`, async () => {
      const outcome = await cli.run(withJson(words));
      const { schema, ok, error } = outcome.json<ErrorDocument>();
      expect(outcome.exitCode).to.equal(3);
      expect({ schema, ok, code: error.code }).to.deep.equal({ schema: 'ffops.error/v1', ok: false, code });
      expect(error.hints.join('\n')).to.match(
        typeof hint === 'string' ? new RegExp(hint.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : hint,
      );
    });
  }

  it('takes global flags before the command as well', async () => {
    const outcome = await cli.run(['--json', '-e', 'prod', 'env', 'show']);
    expect(outcome.exitCode).to.equal(0);
    expect(outcome.json<{ env: string }>().env).to.equal('prod');
  });
});
