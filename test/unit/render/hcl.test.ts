import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hcl, hclReference, hclString, hclText } from '../../../src/render/hcl.ts';
import type { JsonObject } from '../../../src/model/blueprint.ts';
import { awkwardTexts, SEED } from '../../support/awkward-text.ts';
import { tempFolder } from '../../support/temp.ts';
import { runTool, toolOrSkip } from '../../support/tools.ts';

/** OpenTofu keeps text in Unicode's composed form. */
const kept = (text: string): string => text.toWellFormed().normalize('NFC');

describe('HCL', () => {
  it('escapes what would end or interpolate a string', () => {
    expect(hclString('a "b" \\ c')).to.equal('"a \\"b\\" \\\\ c"');
    expect(hclString('${a} %{b}')).to.equal('"$${a} %%{b}"');
    expect(hclString('line\r\n\ttab\u0000')).to.equal('"line\\r\\n\\ttab\\u0000"');
    expect(hclString('$5 and 100%')).to.equal('"$5 and 100%"');
  });

  it('writes lists and maps, sorted by key, one line per key', () => {
    expect(hcl(['a', 1, true, null])).to.equal('["a", 1, true, null]');
    expect(hcl({ zone: 'b', 'a/b': 'c' }, 2)).to.equal('{\n    "a/b" = "c"\n    zone = "b"\n  }');
    expect(hcl({})).to.equal('{}');
  });

  it('takes references and nothing else for references', () => {
    expect(hclReference('digitalocean_vpc.main.id')).to.equal('digitalocean_vpc.main.id');
    for (const wrong of ['', 'a b', 'a.', '.a', 'a"', 'a[0]', 'file("x")'])
      expect(() => hclReference(wrong), wrong).to.throw();
    expect(() => hcl(Infinity)).to.throw();
  });

  describe('read back by OpenTofu', function () {
    this.timeout(120_000);
    const count = 20_000;

    it(`${count} strings come out as they went in (seed ${SEED})`, async function () {
      const tofu = await toolOrSkip(this, 'tofu');
      const texts = awkwardTexts(count);
      const lines = texts.map((text) => `    ${hclString(text)},\n`).join('');
      const read = (await evaluate(tofu, `[\n${lines}  ]`)) as string[];
      texts.forEach((text, index) => expect(read[index], JSON.stringify(text)).to.equal(kept(text)));
    });

    it('keeps text beside an interpolation, keys of maps and nested values', async function () {
      const tofu = await toolOrSkip(this, 'tofu');
      const texts = awkwardTexts(2_000);
      const beside = texts.map((text) => `    "\${"<"}${hclText(text)}\${">"}",\n`).join('');
      const read = (await evaluate(tofu, `[\n${beside}  ]`)) as string[];
      texts.forEach((text, index) => expect(read[index], JSON.stringify(text)).to.equal(kept(`<${text}>`)));
      const map: JsonObject = Object.fromEntries(
        texts.map((text, index) => [`${index}:${text}`, { text, list: [text, index, true, null] }]),
      );
      const maps = (await evaluate(tofu, hcl(map, 2))) as Record<string, { text: string; list: unknown[] }>;
      texts.forEach((text, index) => {
        expect(maps[kept(`${index}:${text}`)], JSON.stringify(text)).to.deep.equal({
          text: kept(text),
          list: [kept(text), index, true, null],
        });
      });
    });
  });
});

/** The value of an expression, as OpenTofu understands it. */
async function evaluate(tofu: string, expression: string): Promise<unknown> {
  const folder = tempFolder();
  try {
    writeFileSync(join(folder.path, 'main.tf'), `output "value" {\n  value = ${expression}\n}\n`);
    const options = { cwd: folder.path };
    await runTool(tofu, ['init', '-no-color'], options);
    await runTool(tofu, ['apply', '-auto-approve', '-no-color'], options);
    const output = JSON.parse(await runTool(tofu, ['output', '-json'], options)) as { value: { value: unknown } };
    return output.value.value;
  } finally {
    folder.remove();
  }
}
