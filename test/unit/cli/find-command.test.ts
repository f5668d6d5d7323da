import { expect } from 'chai';
import { findCommand } from '../../../src/cli/find-command.ts';
import { UserError } from '../../../src/errors.ts';

describe('finding a command', () => {
  const ids = ['env:list', 'env:use', 'render', 'plan', 'backup:restore', 'backup:restore:file'];

  it('takes the shortest command that is there, and leaves it the rest', () => {
    expect(findCommand(['env', 'use', 'prod', '-y'], ids)).to.deep.equal({ id: 'env:use', rest: ['prod', '-y'] });
    expect(findCommand(['render', '--check'], ids)).to.deep.equal({ id: 'render', rest: ['--check'] });
  });

  it('knows topics, and the page without words', () => {
    expect(findCommand(['env'], ids)).to.deep.equal({ topic: 'env' });
    expect(findCommand(['env', '--help'], ids)).to.deep.equal({ topic: 'env' });
    expect(findCommand([], ids)).to.deep.equal({ topic: '' });
  });

  const near: [string, string | undefined][] = [
    ['plna', 'plan'],
    ['rendre', 'render'],
    ['env lsit', 'env list'],
    ['bakcup restore', 'backup'],
    ['list', 'env list'],
    ['quantum', undefined],
  ];
  for (const [typed, meant] of near) {
    it(`${typed}: ${meant === undefined ? 'nothing is near' : `means ${meant}`}`, () => {
      let refusal: unknown;
      try {
        findCommand(typed.split(' '), ids);
      } catch (error) {
        refusal = error;
      }
      expect(refusal).to.be.instanceOf(UserError);
      const hints = (refusal as UserError).problems[0]!.hints!;
      const suggestions = hints.filter((hint) => hint.startsWith('Did you mean'));
      expect(suggestions).to.deep.equal(meant === undefined ? [] : [`Did you mean \`ffops ${meant}\`?`]);
    });
  }
});
