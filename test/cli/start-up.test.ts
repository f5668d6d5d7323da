import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { cliHome, projectRoot } from '../support/cli.ts';

/** What a file of dist loads before its first line runs, files and packages; `await import` does not count. */
function reachable(entries: readonly string[]): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const statement of ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ESNext).statements) {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
      if (statement.moduleSpecifier === undefined || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
      const specifier = statement.moduleSpecifier.text;
      if (specifier.startsWith('.')) visit(resolve(dirname(file), specifier));
      else if (!specifier.startsWith('node:')) packages.add(packageOf(specifier));
    }
  };
  for (const entry of entries) visit(join(projectRoot, entry));
  return { files, packages };
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
    const { files, packages } = reachable(['dist/cli/main.js', 'dist/commands/env/list.js']);
    expect([...packages].sort()).to.deep.equal(['@oclif/core', 'yaml']);
    const folders = new Set([...files].map((file) => relative(join(projectRoot, 'dist'), file).split('/')[0]));
    expect([...folders].sort()).to.deep.equal([
      'adapters',
      'cli',
      'commands',
      'errors.js',
      'model',
      'usecases',
      'views',
    ]);
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
