import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { realFiles } from '../../../../src/adapters/files.ts';
import { FailedError } from '../../../../src/errors.ts';
import { requireMachine } from '../../../../src/sandbox/real/prepare.ts';
import { tempFolder } from '../../../support/temp.ts';

const LACKS = [
  { what: 'this machine does not run Linux', cure: 'Run it in Linux.' },
  { what: 'there is no room', cure: 'Make some.' },
];

describe('a machine that cannot have real nodes', () => {
  const folder = tempFolder();
  after(() => folder.remove());

  async function hints(...kubeconfigs: readonly string[]): Promise<readonly (readonly string[])[]> {
    const paths = kubeconfigs.map((content, index) => {
      const path = join(folder.path, `config-${index}`);
      writeFileSync(path, content);
      return path;
    });
    const ports = { files: realFiles(), variables: { KUBECONFIG: [...paths, '/nowhere'].join(delimiter) } };
    const caught = await requireMachine(ports, async () => LACKS).catch((error: unknown) => error);
    expect(caught).to.be.instanceOf(FailedError);
    return (caught as FailedError).problems.map((problem) => problem.hints ?? []);
  }

  it('is told what it lacks, and of a cluster on it where pods run for real', async () => {
    const contexts = (...names: readonly string[]): string =>
      `contexts:\n${names.map((name) => `- { name: ${name}, context: {} }\n`).join('')}`;
    expect(await hints(contexts('do-fra1-shop-prod', 'my-kind-of-cluster'))).to.deep.equal([
      ['Run it in Linux.'],
      ['Make some.'],
    ]);
    const [, last] = await hints(contexts('do-fra1-shop-prod'), contexts('kind-dev', 'minikube'));
    expect(last?.[1]).to.contain('`cluster: { context: kind-dev }`').and.contain('without a sandbox');
  });

  it('is told what it lacks whatever its kubeconfig holds', async () => {
    expect(await hints('contexts: soon', '', '{')).to.deep.equal([['Run it in Linux.'], ['Make some.']]);
  });

  it('may have nothing to complain of', async () => {
    await requireMachine({ files: realFiles(), variables: {} }, async () => []);
  });
});
