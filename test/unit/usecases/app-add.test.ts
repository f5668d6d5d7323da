import { expect } from 'chai';
import { addApp } from '../../../src/usecases/app-add.ts';
import { fakePorts } from '../../support/fakes.ts';

const PROD = 'platform: doks\nrootDomain: shop.be\ntls: { email: ops@shop.be }\napps: {}\n';
const never = (): Promise<never> => Promise.reject(new Error('nothing is rendered'));

/** Answers the questions in their order, the last of which is whether to write: with no. */
async function asked(
  answers: Readonly<Record<string, unknown>>,
  set: readonly string[] = [],
): Promise<readonly string[]> {
  const { ports, terminal } = fakePorts({ interactive: true, files: { '/w/environments/prod.yaml': PROD } });
  for (const [about, value] of Object.entries(answers)) terminal.answer(`${about}:`, value);
  terminal.answer('Write environments/prod.yaml?', false);
  const { verdict, diff } = await addApp(
    ports,
    {
      workspace: { root: '/w', name: 'shop' },
      environment: 'prod',
      sandbox: false,
      id: 'twenty',
      set,
      dryRun: false,
      yes: false,
      store: undefined,
      hands: { kit: never, surroundings: never },
    },
    () => {},
  );
  expect(verdict).to.equal('refused');
  terminal.verify();
  return diff.filter((line) => line.startsWith('+'));
}

describe('what is asked when an app is added', () => {
  it('is what matters and is not said yet; a default is not written down', async () => {
    const answers = { workspace: 'Shop', adminEmail: '', files: 'volume', storage: '10Gi' };
    expect(await asked(answers)).to.deep.equal(['+apps:', '+  twenty:', '+    workspace: Shop']);
    const { workspace: _, ...rest } = answers;
    expect(await asked(rest, ['workspace=Other'])).to.include('+    workspace: Other');
  });

  it('is no size of a volume that there will not be', async () => {
    expect(await asked({ workspace: 'Shop', adminEmail: '', files: 's3' })).to.include('+    files: s3');
    expect(await asked({ workspace: 'Shop', adminEmail: '' }, ['files=s3'])).to.include('+    files: s3');
  });
});
