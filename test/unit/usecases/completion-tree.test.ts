import { expect } from 'chai';
import { completionTree, type CompletionCommand } from '../../../src/usecases/completion-tree.ts';

const command = (id: string, more: Partial<CompletionCommand> = {}): CompletionCommand => ({
  id,
  summary: `Does ${id}`,
  flags: [],
  choices: [],
  takesEnvironment: false,
  ...more,
});

describe('the tree of completion', () => {
  it('knows what can follow each word, sorted', () => {
    const tree = completionTree([
      command('env:use'),
      command('plan'),
      command('env:list'),
      command('init', { choices: ['a', 'b'] }),
    ]);
    const next = (words: string) => tree.find((node) => node.words === words)?.next.map(({ word }) => word);
    expect(next('')).to.deep.equal(['env', 'init', 'plan']);
    expect(next('env')).to.deep.equal(['list', 'use']);
    expect(next('env list')).to.deep.equal([]);
    expect(next('init')).to.deep.equal(['a', 'b']);
  });

  it('keeps the summary of a command that is a topic as well, in either order', () => {
    for (const ids of [
      ['db', 'db:shell'],
      ['db:shell', 'db'],
    ]) {
      const [root] = completionTree(ids.map((id) => command(id)));
      expect(root!.next).to.deep.equal([{ word: 'db', summary: 'Does db' }]);
    }
  });
});
