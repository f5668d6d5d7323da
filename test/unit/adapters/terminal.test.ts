import { expect } from 'chai';
import { narrowed, realTerminal, wantsColour } from '../../../src/adapters/terminal.ts';
import { ConsentError } from '../../../src/errors.ts';

describe('terminal', () => {
  const colour = (
    variables: Record<string, string>,
    isTerminal = true,
    wish: { json?: boolean; colour?: boolean } = {},
  ) => wantsColour({ json: false, colour: true, ...wish, variables }, isTerminal);

  it('colours terminals, and what is forced', () => {
    expect(colour({})).to.equal(true);
    expect(colour({}, false)).to.equal(false);
    expect(colour({ CLICOLOR_FORCE: '1' }, false)).to.equal(true);
    expect(colour({ CLICOLOR_FORCE: '0' }, false)).to.equal(false);
  });

  it('never colours against a wish', () => {
    expect(colour({ NO_COLOR: '1', CLICOLOR_FORCE: '1' })).to.equal(false);
    expect(colour({ NO_COLOR: '' })).to.equal(true);
    expect(colour({ TERM: 'dumb' })).to.equal(false);
    expect(colour({}, true, { colour: false })).to.equal(false);
    expect(colour({ CLICOLOR_FORCE: '1' }, true, { json: true })).to.equal(false);
  });

  it('offers what is called so before what only speaks of it', () => {
    const choices = [
      { label: 'n8n', value: 1, hint: 'Workflows between programs' },
      { label: 'Twenty', value: 2, hint: 'Customers' },
      { label: 'hello', value: 3 },
    ];
    const found = (typed?: string) => narrowed(choices, typed).map(({ name }) => name);
    expect(found(' tw')).to.deep.equal(['Twenty', 'n8n']);
    expect([found(), found('')]).to.deep.equal([
      ['n8n', 'Twenty', 'hello'],
      ['n8n', 'Twenty', 'hello'],
    ]);
    expect(found('x')).to.deep.equal([]);
  });

  it('refuses every question when nobody can answer', async () => {
    const terminal = realTerminal({ json: true, colour: false, variables: {} });
    expect(terminal.interactive).to.equal(false);
    const questions = [
      () => terminal.confirm('Go on?'),
      () => terminal.input('Go on?'),
      () => terminal.hidden('Go on?'),
      () => terminal.select('Go on?', [{ label: 'a', value: 1 }]),
    ];
    for (const ask of questions) {
      const error = await ask().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(ConsentError);
      expect((error as ConsentError).message).to.include('Go on?');
    }
  });
});
