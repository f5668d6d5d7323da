import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as jsYaml from 'js-yaml';
import { parse } from 'yaml';
import type { Json } from '../../../src/model/blueprint.ts';
import { yaml, yamlText } from '../../../src/render/yaml.ts';
import { atLength } from '../../support/at-length.ts';
import { awkwardTexts, SEED } from '../../support/awkward-text.ts';
import { tempFolder } from '../../support/temp.ts';
import { runTool, toolOrSkip } from '../../support/tools.ts';

const COUNT = atLength ? 20_000 : 4_000;

/** Text as it stands in values files: a value, a key, an item of a list on one line, a nested map on one line. */
function document(texts: readonly string[]): string {
  const values = texts.map(
    (text) => `  - value: ${yaml(text)}\n    ${yaml(text)}: key\n    line: ${yaml([text, { [text]: text }])}\n`,
  );
  return `texts:\n${values.join('')}`;
}

function expected(text: string): Json {
  const kept = text.toWellFormed();
  return { value: kept, [kept]: 'key', line: [kept, { [kept]: kept }] };
}

/** chai takes its time for each; it is asked where there is a difference, to tell it. */
function expectSame(found: unknown, text: string, where = ''): void {
  const wanted = expected(text);
  if (!isDeepStrictEqual(found, wanted)) expect(found, `${where}${JSON.stringify(text)}`).to.deep.equal(wanted);
}

/** Keys that the document has of its own would stand there twice. */
const texts = awkwardTexts(COUNT).filter((text) => !['value', 'line'].includes(text));

describe('YAML', () => {
  it('leaves plain text plain and quotes what YAML 1.1 would take for something else', () => {
    expect(yaml('ams3')).to.equal('ams3');
    expect(yaml('docker.io/library/nginx')).to.equal('docker.io/library/nginx');
    expect(yaml('Full Frontend')).to.equal('Full Frontend');
    for (const word of [
      'yes',
      'No',
      'ON',
      'off',
      'y',
      'N',
      'true',
      'null',
      '~',
      '',
      '1.35',
      '1e3',
      '04:00',
      '2026-01-01',
      '0 3 * * *',
      'a: b',
      'a #b',
      '- a',
    ]) {
      expect(yaml(word), word).to.equal(JSON.stringify(word));
    }
  });

  it('holds numbers, booleans, nothing, lists and maps', () => {
    expect(yaml([1, true, null, 'a', { b: [] }, {}])).to.equal('[1, true, null, a, { b: [] }, {}]');
    expect(() => yaml(NaN)).to.throw();
  });

  it(`${COUNT} strings come out as they went in, by YAML 1.1 and 1.2 (seed ${SEED})`, () => {
    const text = document(texts);
    const readers: [string, (text: string) => unknown][] = [
      ['js-yaml, YAML 1.1', (source) => jsYaml.load(source, { schema: jsYaml.YAML11_SCHEMA })],
      ['yaml, YAML 1.1', (source) => parse(source, { version: '1.1', maxAliasCount: 0 })],
      ['yaml, YAML 1.2', (source) => parse(source, { version: '1.2', maxAliasCount: 0 })],
    ];
    for (const [reader, read] of readers) {
      const { texts: found } = read(text) as { texts: unknown[] };
      texts.forEach((one, index) => expectSame(found[index], one, `${reader}: `));
    }
  }).timeout(120_000);

  it('writes whole texts as lines when they are lines, and they too come out as they went in', () => {
    const script = '#!/bin/sh\nif true; then\n  echo "$HOME"  # \\n\n\nfi\n';
    expect(yamlText(script)).to.match(/^\|\n {4}#!\/bin\/sh\n/);
    expect(yamlText('echo ${HOME}\nexit\n'), 'OpenTofu would fill it in').to.match(/^"/);
    const some = texts.slice(0, 4_000);
    const all = [script, ...some, ...some.map((one) => `${one}\n`), ...some.map((one) => `a\n${one}\n b\n`)];
    const document = `texts:\n${all.map((one) => `- text: ${yamlText(one)}\n`).join('')}`;
    for (const read of [
      (source: string): unknown => jsYaml.load(source, { schema: jsYaml.YAML11_SCHEMA }),
      (source: string): unknown => parse(source, { version: '1.2', maxAliasCount: 0 }),
    ]) {
      const { texts: found } = read(document) as { texts: { text: unknown }[] };
      all.forEach((one, index) => expect(found[index]?.text, JSON.stringify(one)).to.equal(one.toWellFormed()));
    }
    expect(document).not.to.match(/[$%]\{/);
  }).timeout(120_000);

  it('comes out of Helm as it went in', async function () {
    const helm = await toolOrSkip(this, 'helm');
    const found = JSON.parse(await throughHelm(helm, document(texts))) as { texts: unknown[] };
    texts.forEach((one, index) => expectSame(found.texts[index], one));
  }).timeout(120_000);

  it("means the same after OpenTofu's templatefile", async function () {
    const tofu = await toolOrSkip(this, 'tofu');
    const text = document(texts.slice(0, 1_500));
    const read = await throughTemplatefile(tofu, text);
    const lines = text.split('\n');
    read.split('\n').forEach((line, index) => expect(line).to.equal(lines[index]));
    expect(read === text).to.equal(true);
  }).timeout(120_000);
});

/** The values as JSON, as a chart sees them. */
async function throughHelm(helm: string, values: string): Promise<string> {
  const folder = tempFolder();
  try {
    const chart = join(folder.path, 'chart');
    mkdirSync(join(chart, 'templates'), { recursive: true });
    writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: chart\nversion: 0.1.0\n');
    // In YAML, the JSON is a string of one line: nothing of it is read twice.
    writeFileSync(
      join(chart, 'templates', 'values.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\ndata:\n  json: {{ dict "texts" .Values.texts | toJson | b64enc }}\n',
    );
    writeFileSync(join(folder.path, 'values.yaml'), values);
    const manifest = await runTool(helm, ['template', 'x', chart, '-f', 'values.yaml'], { cwd: folder.path });
    return Buffer.from(/^ {2}json: (\S+)$/m.exec(manifest)?.[1] ?? '', 'base64').toString('utf8');
  } finally {
    folder.remove();
  }
}

async function throughTemplatefile(tofu: string, text: string): Promise<string> {
  const folder = tempFolder();
  try {
    writeFileSync(join(folder.path, 'values.yaml'), text);
    writeFileSync(
      join(folder.path, 'main.tf'),
      'output "text" {\n  value = base64encode(templatefile("${path.module}/values.yaml", { unused = "" }))\n}\n',
    );
    const options = { cwd: folder.path };
    await runTool(tofu, ['init', '-no-color'], options);
    await runTool(tofu, ['apply', '-auto-approve', '-no-color'], options);
    return Buffer.from((await runTool(tofu, ['output', '-raw', 'text'], options)).trim(), 'base64').toString('utf8');
  } finally {
    folder.remove();
  }
}
