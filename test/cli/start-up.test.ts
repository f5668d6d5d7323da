import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { cliHome, projectRoot } from '../support/cli.ts';

interface Loaded {
  /** Files of dist. */
  readonly files: Set<string>;
  /** Sources of ours that the build put into them. */
  readonly sources: Set<string>;
  /** Packages, in them and elsewhere. */
  readonly packages: Set<string>;
}

/** What files of dist load before their first line runs; `await import` does not count. */
function reachable(entries: readonly string[]): Loaded {
  const loaded: Loaded = { files: new Set(), sources: new Set(), packages: new Set() };
  const visit = (file: string): void => {
    if (loaded.files.has(file)) return;
    loaded.files.add(file);
    const { sources, packages, imports } = contentOf(file);
    for (const source of sources) loaded.sources.add(source);
    for (const name of packages) loaded.packages.add(name);
    for (const path of imports) visit(path);
  };
  for (const entry of entries) visit(join(projectRoot, entry));
  return loaded;
}

interface Content {
  readonly sources: readonly string[];
  readonly packages: readonly string[];
  /** Files of dist. */
  readonly imports: readonly string[];
}

const known = new Map<string, Content>();

function contentOf(file: string): Content {
  const before = known.get(file);
  if (before !== undefined) return before;
  const text = readFileSync(file, 'utf8');
  const specifiers = ts
    .createSourceFile(file, text, ts.ScriptTarget.ESNext)
    .statements.filter((statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
    .flatMap(({ moduleSpecifier }) =>
      moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : [],
    );
  const marked = (folder: string): string[] =>
    [...text.matchAll(new RegExp(`^// ${folder}/(\\S+)$`, 'gm'))].map(([, path]) => path!);
  const elsewhere = specifiers.filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'));
  const content = {
    sources: marked('src'),
    packages: [...marked('node_modules'), ...elsewhere].map(packageOf),
    imports: specifiers.filter((specifier) => specifier.startsWith('.')).map((path) => resolve(dirname(file), path)),
  };
  known.set(file, content);
  return content;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

describe('start-up', () => {
  before(() => cliHome().remove());

  it('of `env list` loads oclif and the YAML parser, and nothing of what other commands need', () => {
    const { files, sources, packages } = reachable(['dist/cli/main.js', 'dist/commands/env/list.js']);
    expect([...packages].sort()).to.deep.equal(['@oclif/core', 'yaml']);
    expect([...sources]).to.include.members(['cli/main.ts', 'usecases/environment-list.ts']);
    const folders = new Set([...sources].map((source) => source.split('/')[0]));
    expect([...folders].sort()).to.deep.equal([
      'adapters',
      'cli',
      'commands',
      'errors.ts',
      'installed.ts',
      'model',
      'usecases',
      'views',
    ]);
    expect(files.size, 'the build puts much into few files').to.be.at.most(25);
  });

  it('of every command waits with what asks and draws until somebody asks or watches', async () => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, 'oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, { relativePath: string[] }>;
    };
    for (const [id, { relativePath }] of Object.entries(manifest.commands)) {
      const { packages } = reachable(['dist/cli/main.js', relativePath.join('/')]);
      for (const late of ['inquirer', 'listr2', 'execa']) expect([...packages], id).to.not.include(late);
    }
  });
});
