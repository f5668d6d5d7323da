/** `ffops init` copies the examples: each environment in them must work as it is. */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readWorkspaceFile } from '../../../src/model/workspaceFile.ts';
import { blueprintOf } from '../../support/example.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));

describe('the examples', () => {
  for (const example of readdirSync(EXAMPLES)) {
    const folder = join(EXAMPLES, example);

    it(`${example} is a workspace whose environments are valid`, async () => {
      const { name, defaultEnvironment } = readWorkspaceFile(
        'ffops.yaml',
        readFileSync(join(folder, 'ffops.yaml'), 'utf8'),
        '0.1.0',
      );
      expect(name).to.equal(example);
      const names = readdirSync(join(folder, 'environments')).map((file) => basename(file, '.yaml'));
      expect(names).to.include.members(['prod', 'dev']).and.include(defaultEnvironment);
      for (const environment of names) {
        const text = readFileSync(join(folder, 'environments', `${environment}.yaml`), 'utf8');
        expect((await blueprintOf(text, environment)).stacks.length, environment).to.be.greaterThan(0);
      }
      expect(readFileSync(join(folder, '.gitignore'), 'utf8').split('\n')).to.include('.ffops/');
    });
  }
});
