/**
 * The templates. Every value passes a helper that knows the language it lands in; a bare `{{value}}` does
 * not exist (a test reads every template for it).
 */
import Handlebars from 'handlebars';
import { join } from 'node:path';
import { packageFolder } from '../installed.ts';
import type { Json } from '../model/blueprint.ts';
import type { Files } from '../ports/files.ts';
import { hcl, hclReference, hclText } from './hcl.ts';
import { READY } from './ready-templates.ts';
import { yaml, yamlText } from './yaml.ts';

export interface Templates {
  /** By path below the folder of templates, without `.hbs`. Throws when there is no such template. */
  render(path: string, context: object): string;
  readonly paths: readonly string[];
}

/** The only ways for a value into a file. */
export const PRINTING_HELPERS: Readonly<Record<string, (value: Json) => string>> = {
  hcl: (value) => hcl(value),
  /** At the depth of an attribute inside a block. */
  hclInBlock: (value) => hcl(value, 2),
  hclText: (value) => hclText(words(value)),
  hclReference: (value) => hclReference(words(value)),
  yaml: (value) => yaml(value),
  yamlText: (value) => yamlText(words(value)),
  comment: (value) => comment(words(value)),
  markdown: (value) => markdown(words(value)),
  code: (value) => code(words(value)),
  shell: (value) => shell(words(value)),
};

/** By path below the folder of templates, without `.hbs`. */
export type TemplateSources = ReadonlyMap<string, string>;

export async function templateSources(files: Files): Promise<TemplateSources> {
  const sources = new Map<string, string>();
  await collect(files, packageFolder('templates'), '', sources);
  return sources;
}

/** Those of the package. Compiling them takes longer than all the rest of rendering, so that the build has done it. */
export async function packageTemplates(files: Files): Promise<Templates> {
  if (READY.size === 0) return compileTemplates(await templateSources(files));
  const { template } = withHelpers();
  return templatesOf(new Map([...READY].map(([path, ready]) => [path, template(ready)])));
}

export function compileTemplates(sources: TemplateSources): Templates {
  const handlebars = withHelpers();
  return templatesOf(new Map([...sources].map(([path, source]) => [path, handlebars.compile(source, COMPILATION)])));
}

/** What a template is compiled with, whenever that is. */
export const COMPILATION: CompileOptions = {
  noEscape: true,
  strict: true,
  knownHelpers: Object.fromEntries(Object.keys(PRINTING_HELPERS).map((name) => [name, true])),
  knownHelpersOnly: true,
  preventIndent: true,
};

function withHelpers(): typeof Handlebars {
  const handlebars = Handlebars.create();
  for (const [name, helper] of Object.entries(PRINTING_HELPERS)) {
    handlebars.registerHelper(name, (value: Json | undefined) => helper(present(name, value)));
  }
  for (const name of ['if', 'unless', 'each']) {
    const builtIn = handlebars.helpers[name];
    handlebars.registerHelper(name, function (this: unknown, value: unknown, options: Handlebars.HelperOptions) {
      return builtIn?.call(this, present(name, value), options) as unknown;
    });
  }
  return handlebars;
}

function templatesOf(compiled: ReadonlyMap<string, Handlebars.TemplateDelegate>): Templates {
  return {
    paths: [...compiled.keys()].sort(),
    render: (path, context) => {
      const template = compiled.get(path);
      if (template === undefined) throw new Error(`there is no template ${path}`);
      return template(context);
    },
  };
}

/** Lines on which a template prints a value that passes no helper of PRINTING_HELPERS. Throws when it cannot be read. */
export function bareLines(source: string): readonly number[] {
  const lines: number[] = [];
  class Prints extends Handlebars.Visitor {
    override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
      if (!Object.hasOwn(PRINTING_HELPERS, (statement.path as hbs.AST.PathExpression).original))
        lines.push(statement.loc.start.line);
      super.MustacheStatement(statement);
    }
  }
  new Prints().accept(Handlebars.parse(source));
  return lines;
}

/** Absent is written as null: what is undefined is a name that the context does not have. */
function present<T>(helper: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`{{${helper} …}} has no value`);
  return value;
}

async function collect(files: Files, root: string, below: string, into: Map<string, string>): Promise<void> {
  for (const name of await files.list(join(root, below))) {
    const path = below === '' ? name : `${below}/${name}`;
    const info = await files.info(join(root, path));
    if (info?.kind === 'directory') await collect(files, root, path, into);
    else if (name.endsWith('.hbs')) into.set(path.slice(0, -'.hbs'.length), (await files.read(join(root, path))) ?? '');
  }
}

/** Numbers and switches as words; a list or a map has none. */
function words(value: Json): string {
  if (typeof value === 'object') throw new Error(`not text: ${JSON.stringify(value)}`);
  return String(value);
}

/** Text that stays on its line, and that `templatefile` does not read as an interpolation. */
function comment(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/([$%])\{/g, '$1 {')
    .trim();
}

/** Text that Markdown shows as it is. */
function markdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|]/g, '\\$&')
    .trim();
}

/** A code span, which shows backslashes and stars as they are; in a table a bar must still be escaped. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
  const fence = line.includes('`') ? '``' : '`';
  return fence === '`' ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}

/** One word of a command. */
function shell(text: string): string {
  return /^[A-Za-z0-9_./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
