import { expect } from 'chai';
import Handlebars from 'handlebars';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileTemplates, PRINTING_HELPERS } from '../../../src/render/templates.ts';

const FOLDER = fileURLToPath(new URL('../../../templates', import.meta.url));
const sources = new Map(
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.hbs'))
    .map((name) => [name.slice(0, -'.hbs'.length), readFileSync(join(FOLDER, name), 'utf8')]),
);

/** Everything that a template prints or calls, as `{{name …}}` or `{{#name …}}`. */
class Calls extends Handlebars.Visitor {
  readonly printed: { readonly name: string; readonly values: number }[] = [];
  readonly blocks: string[] = [];

  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    this.printed.push({ name: (statement.path as hbs.AST.PathExpression).original, values: statement.params.length });
    super.MustacheStatement(statement);
  }

  override BlockStatement(statement: hbs.AST.BlockStatement): void {
    this.blocks.push(statement.path.original);
    super.BlockStatement(statement);
  }

  override PartialStatement(): void {
    throw new Error('templates have no partials');
  }
}

function callsOf(source: string): Calls {
  const calls = new Calls();
  calls.accept(Handlebars.parse(source));
  return calls;
}

describe('templates', () => {
  it('print every value through a helper of the language it lands in', () => {
    expect(sources.size).to.be.greaterThan(10);
    for (const [path, source] of sources) {
      const { printed, blocks } = callsOf(source);
      for (const { name, values } of printed) {
        expect(Object.keys(PRINTING_HELPERS), `${path}: {{${name}}}`).to.include(name);
        expect(values, `${path}: {{${name} …}}`).to.equal(1);
      }
      for (const block of blocks) expect(['if', 'unless', 'each'], `${path}: {{#${block}}}`).to.include(block);
    }
  });

  it('use the helpers of their own language', () => {
    const allowed: [RegExp, string[]][] = [
      [/\.tf$/, ['hcl', 'hclInBlock', 'hclText', 'hclReference', 'comment']],
      [/\.yaml$/, ['yaml', 'yamlText', 'comment']],
      [/\.md$/, ['markdown', 'code', 'shell']],
    ];
    for (const [path, source] of sources) {
      const helpers = allowed.find(([pattern]) => pattern.test(path))?.[1] ?? [];
      for (const { name } of callsOf(source).printed) expect(helpers, path).to.include(name);
    }
    const used = new Set([...sources.values()].flatMap((source) => callsOf(source).printed.map(({ name }) => name)));
    expect([...used].sort(), 'no helper without a use').to.deep.equal(Object.keys(PRINTING_HELPERS).sort());
  });

  it('refuse what a bare value, an unknown helper and a missing value would hide', () => {
    const bare = callsOf('{{value}} {{{value}}} {{hcl value}}').printed.map(({ name }) => name);
    expect(bare.filter((name) => !(name in PRINTING_HELPERS))).to.deep.equal(['value', 'value']);
    expect(() => compileTemplates(new Map([['a', '{{upper value}}']])).render('a', { value: 'x' })).to.throw(/upper/);
    expect(() => compileTemplates(new Map([['a', '{{hcl value}}']])).render('a', {})).to.throw(/no value/);
    expect(() => compileTemplates(new Map([['a', '{{#if value}}{{/if}}']])).render('a', {})).to.throw(/value/);
    expect(() => compileTemplates(new Map([['a', '{{#each value}}{{/each}}']])).render('a', {})).to.throw(/value/);
    expect(() => compileTemplates(new Map()).render('a', {})).to.throw(/no template a/);
  });

  it('keep comments on their line, and Markdown as it is', () => {
    const shown = (template: string, value: string) =>
      compileTemplates(new Map([['a', template]])).render('a', { value });
    expect(shown('# {{comment value}}', 'a\nb ${c} %{d}')).to.equal('# a b $ {c} % {d}');
    expect(shown('{{markdown value}}', 'a_b *c* | <d>')).to.equal('a\\_b \\*c\\* \\| \\<d\\>');
    expect(shown('{{code value}}', 'a_b')).to.equal('`a_b`');
    expect(shown('{{code value}}', 'a`b|c')).to.equal('`` a`b\\|c ``');
    expect(shown('{{shell value}}', 'app-hello')).to.equal('app-hello');
    expect(shown('{{shell value}}', "it's $HOME")).to.equal("'it'\\''s $HOME'");
  });
});
