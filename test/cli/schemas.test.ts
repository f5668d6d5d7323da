import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cliHome, projectRoot, type CliHome } from '../support/cli.ts';
import { resultSchemas } from '../support/json-types.ts';
import { expectKept } from '../support/kept.ts';

const folder = join(projectRoot, 'docs/schemas');

describe('JSON Schemas of --json', () => {
  it('are published as the types are', () => {
    const files = new Map(
      resultSchemas(projectRoot).map(({ name, schema }) => [`${name}.v1.json`, `${JSON.stringify(schema, null, 2)}\n`]),
    );
    expectKept(folder, files, (name) => name.endsWith('.json'));
  }).timeout(120_000);

  describe('hold for what is printed', () => {
    let cli: CliHome;
    before(() => void (cli = cliHome('fullfrontend')));
    after(() => cli.remove());

    const commands: string[][] = [
      ['env', 'list'],
      ['env', 'use', 'prod'],
      ['env', 'show', 'prod'],
      ['env', 'show', 'dev'],
      ['env', 'hosts', 'dev'],
      ['env', 'schema'],
      ['env', 'create', 'stage', '--platform', 'local', '--domain', 'stage.kube'],
      ['render', '-e', 'prod'],
      ['render', '-e', 'prod', '--check'],
      ['doctor', '-e', 'prod'],
      ['app', 'list', '-e', 'prod'],
      ['app', 'info', 'twenty', '-e', 'prod'],
      ['app', 'remove', 'n8n', '-e', 'prod', '--dry-run'],
      ['app', 'upgrade', '-e', 'prod', '--dry-run'],
      ['autocomplete', 'bash'],
      ['init', 'elsewhere'],
      ['toolchain', 'list'],
    ];
    for (const words of commands) {
      it(words.join(' '), async () => {
        const document = (await cli.run([...words, '--json'])).json<{ schema: string }>();
        const name = document.schema.replace(/^ffops\./, '').replace(/\/v1$/, '');
        expect(words.join('.').startsWith(name), name).to.equal(true);
        validate(document, name);
      });
    }

    for (const words of [['plna'], ['render', '-e', 'nope'], ['env', 'create', 'prod']]) {
      it(`an error: ${words.join(' ')}`, async () => {
        const { json, exitCode } = await cli.run([...words, '--json']);
        expect(exitCode).to.equal(3);
        validate(json(), 'error');
      });
    }

    function validate(document: object, name: string): void {
      const schema = JSON.parse(readFileSync(join(folder, `${name}.v1.json`), 'utf8')) as Parameters<
        typeof z.fromJSONSchema
      >[0];
      const result = z.fromJSONSchema(schema).safeParse(document);
      expect(result.error?.issues ?? []).to.deep.equal([]);
    }
  });
});
