/** DKIM keys that ffops makes: the private half is for the mail server, the public half for the zone. */
import { label } from '../../model/addresses.ts';
import type { SecretWant } from '../../model/blueprint.ts';
import type { Environment } from '../../model/environment.ts';

interface MadeDkimKey {
  readonly selector: string;
  /** Of the module of `base`: it gets the public half. */
  readonly variable: string;
  readonly privateKey: SecretWant;
  readonly publicKey: SecretWant;
}

export function madeDkimKeys({ mail }: Environment): readonly MadeDkimKey[] {
  return (mail?.dkim ?? []).flatMap(({ selector, publicKey }) =>
    publicKey === undefined ? [madeDkimKey(selector)] : [],
  );
}

export function madeDkimKey(selector: string): MadeDkimKey {
  const from = `mail.dkim.${selector}`;
  return {
    selector,
    variable: `dkim_${label(selector)}`,
    privateKey: {
      name: from,
      description: `What your mail server signs with, as the selector ${selector}: give it to it.`,
      supply: { kind: 'dkimKey' },
      neverRotates:
        'mail on its way is signed with it: add another selector to `mail.dkim`, and take this one away a week later',
    },
    publicKey: {
      name: `mail.dkimPublicKey.${selector}`,
      description: `What the zone publishes of ${from}.`,
      supply: { kind: 'derived', as: 'dkimPublicKey', from },
    },
  };
}
