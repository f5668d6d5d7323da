import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { registry } from '../../../src/blueprint/registry.ts';
import { environmentReference } from '../../support/environment-reference.ts';

const PAGE = new URL('../../../docs/environment.md', import.meta.url);

describe('docs/environment.md', () => {
  it('says what the schema says; FFOPS_UPDATE_GOLDENS=1 rewrites it', async () => {
    const page = await environmentReference(registry);
    if (process.env['FFOPS_UPDATE_GOLDENS'] === '1' && process.env['CI'] !== 'true') await writeFile(PAGE, page);
    expect(await readFile(PAGE, 'utf8')).to.equal(page);
  });
});
