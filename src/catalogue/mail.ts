/** The mail server of the environment, for apps that write to people. */
import type { SecretWant } from '../model/blueprint.ts';
import type { Environment } from '../model/environment.ts';
import type { Need } from './web-app.ts';

const SMTP_PASSWORD = 'mail.smtpPassword';
/** In the Secret of the app. */
export const SMTP_PASSWORD_KEY = 'smtp-password';

type Smtp = NonNullable<NonNullable<Environment['mail']>['smtp']>;

export interface MailServer extends Smtp {
  /** Whether there is a password beside the user. */
  readonly user?: string;
  readonly need: Need;
}

const PASSWORD: SecretWant = {
  name: SMTP_PASSWORD,
  description: 'Password of `mail.smtp.user` at the server that apps send mail through.',
  supply: { kind: 'asked', help: 'Whoever runs the mail server gives it to you.' },
};

/** Undefined when the environment has none: apps then write to nobody. */
export function mailServer({ mail }: Environment): MailServer | undefined {
  const smtp = mail?.smtp;
  if (smtp === undefined) return undefined;
  const withUser = smtp.user !== undefined;
  return {
    ...smtp,
    need: {
      ports: [smtp.port],
      brings: { secrets: withUser ? [PASSWORD] : [] },
      secret: withUser ? { [SMTP_PASSWORD_KEY]: [{ secret: SMTP_PASSWORD }] } : {},
    },
  };
}
