import { expect } from 'chai';
import { refuseUnfitSecrets } from '../../../src/engine/needed-secrets.ts';
import { UserError } from '../../../src/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import { usesOf } from '../../../src/secrets/uses.ts';
import { aBlueprint, aKubernetesSecret, aRelease, aStack, passphrase, realWorld } from '../../support/blueprint.ts';

const cloud = aStack({
  name: 'cloud',
  needsCluster: false,
  releases: [],
  credentials: { DIGITALOCEAN_TOKEN: 'do.token' },
});
const infra = aStack({ name: 'infra', releases: [aRelease({ name: 'proxy', reads: ['infra/login'] })] });
const shop = aStack({ releases: [aRelease({ reads: ['shop/shop-token'] })] });
const blueprint = aBlueprint({
  cluster: { kind: 'doctl', name: 'shop', stack: 'cloud' },
  stacks: [cloud, infra, shop],
  state: {
    kind: 's3',
    bucket: 'b',
    region: 'r',
    endpoint: 'https://r.example',
    prefix: 'p',
    credentials: { AWS_ACCESS_KEY_ID: 'spaces.accessKey' },
  },
  secrets: [
    passphrase,
    {
      name: 'proxy.login',
      description: '',
      supply: { kind: 'derived', as: 'htpasswd', from: 'proxy.password', user: 'ops' },
    },
  ],
  kubernetesSecrets: [
    aKubernetesSecret(),
    aKubernetesSecret({
      namespace: 'infra',
      name: 'login',
      stack: 'infra',
      data: { users: [{ secret: 'proxy.login' }] },
    }),
  ],
});

describe('secrets that have no value', () => {
  const reader = (there: readonly string[]) => ({
    get: async (name: string) => {
      if (there.includes(name)) return new Secret(`value of ${name}`);
      throw new UserError('secrets.noValue', { message: `${name} has no value.`, hints: [`set ${name}`] });
    },
  });
  const missing = async (there: readonly string[], stacks: typeof blueprint.stacks) => {
    try {
      await refuseUnfitSecrets({ blueprint, secrets: reader(there), surroundings: realWorld }, stacks);
      return [];
    } catch (error) {
      expect(error).to.be.instanceOf(UserError);
      return (error as UserError).problems.map(({ message, hints }) => `${message} ${hints?.join()}`);
    }
  };

  it('are all named at once, each with its cure, and only those that the stacks at hand need', async () => {
    const all = ['state.passphrase', 'spaces.accessKey', 'do.token', 'proxy.login', 'shop.token'];
    expect(await missing([], blueprint.stacks)).to.have.members(all.map((name) => `${name} has no value. set ${name}`));
    expect(await missing(all, blueprint.stacks)).to.deep.equal([]);
    expect(await missing([], [cloud])).to.have.length(3);
    // To reach the cluster, the token of the cloud that it lies in.
    expect((await missing([], [infra])).join())
      .to.contain('do.token')
      .and.not.to.contain('shop.token');
  });

  it('hide nothing else that goes wrong', async () => {
    const broken = { get: () => Promise.reject(new UserError('secrets.noKey', { message: 'no key' })) };
    const error: unknown = await refuseUnfitSecrets({ blueprint, secrets: broken, surroundings: realWorld }, [
      cloud,
    ]).catch((caught: unknown) => caught);
    expect(error).to.have.property('code', 'secrets.noKey');
  });
});

describe('keys of the account', () => {
  const wanted = ['do.token', 'shop.token'].map((name) => ({
    name,
    description: '',
    supply: { kind: 'asked', help: 'Make one.' } as const,
  }));
  const keyed = { ...blueprint, secrets: [...blueprint.secrets, ...wanted] };
  const secrets = {
    get: async (name: string) => new Secret(wanted.some((want) => want.name === name) ? 'the same' : name),
  };

  it('are refused where workloads would have them, and the cure is a key of their own; a sandbox has none', async () => {
    const error: unknown = await refuseUnfitSecrets({ blueprint: keyed, secrets, surroundings: realWorld }, [
      shop,
    ]).catch((caught: unknown) => caught);
    expect(error).to.have.property('code', 'secrets.unscoped');
    const { message, hints } = (error as UserError).problems[0]!;
    expect(message).to.match(/^shop\.token: It is do\.token itself/);
    expect(hints).to.include('Make one.');
    expect(JSON.stringify(error)).not.to.contain('the same');
    await refuseUnfitSecrets(
      { blueprint: keyed, secrets, surroundings: { ...realWorld, kind: 'sandbox', podsRun: false } },
      [shop],
    );
    await refuseUnfitSecrets({ blueprint: keyed, secrets, surroundings: realWorld }, [cloud]);
  });
});

describe('who uses a secret', () => {
  it('are the stacks that deliver it, also when it is computed first, and the releases that read it there', () => {
    expect(usesOf(blueprint, 'proxy.password')).to.deep.equal({
      delivers: ['infra'],
      releases: ['proxy'],
      signsIn: [],
      opensState: false,
    });
    expect(usesOf(blueprint, 'do.token')).to.deep.include({ delivers: [], signsIn: ['cloud'] });
    expect(
      usesOf(blueprint, 'spaces.accessKey').opensState && usesOf(blueprint, 'state.passphrase').opensState,
    ).to.equal(true);
    expect(usesOf(blueprint, 'unheard.of')).to.deep.equal({
      delivers: [],
      releases: [],
      signsIn: [],
      opensState: false,
    });
  });
});
