/** Who is told of alerts, in Alertmanager's own words. Addresses that are secret are read from files beside it. */
import type { JsonObject, SecretPart, SecretWant } from '../../model/blueprint.ts';
import type { Environment } from '../../model/environment.ts';

export const ALERTMANAGER = 'alertmanager-receivers';
const SLACK_URL = 'alerts.slackUrl';
const WEBHOOK_URL = 'alerts.webhookUrl';
const SMTP_PASSWORD = 'mail.smtpPassword';
/** Where the operator puts a Secret that Alertmanager names. */
const FOLDER = `/etc/alertmanager/secrets/${ALERTMANAGER}`;

export interface Receivers {
  readonly secrets: readonly SecretWant[];
  readonly data: Readonly<Record<string, readonly SecretPart[]>>;
}

export function receiversOf({ metrics, mail }: Environment): Receivers {
  const { slack, email, webhook } = metrics.receivers;
  const smtp = email.length > 0 ? mail?.smtp : undefined;
  const people: JsonObject = {
    name: 'people',
    ...(slack === undefined
      ? {}
      : { slack_configs: [{ api_url_file: `${FOLDER}/slack-url`, channel: slack, send_resolved: true }] }),
    ...(smtp === undefined
      ? {}
      : {
          email_configs: email.map((to) => ({
            to,
            from: smtp.from,
            smarthost: `${smtp.host}:${smtp.port}`,
            require_tls: smtp.tls === 'starttls',
            send_resolved: true,
            ...(smtp.user === undefined
              ? {}
              : { auth_username: smtp.user, auth_password_file: `${FOLDER}/smtp-password` }),
          })),
        }),
    ...(webhook ? { webhook_configs: [{ url_file: `${FOLDER}/webhook-url`, send_resolved: true }] } : {}),
  };
  const configuration: JsonObject = {
    route: {
      receiver: 'nobody',
      group_by: ['alertname', 'namespace'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [{ receiver: 'people', matchers: ['severity =~ "warning|critical"'] }],
    },
    inhibit_rules: [
      {
        source_matchers: ['severity = critical'],
        target_matchers: ['severity = warning'],
        equal: ['alertname', 'namespace'],
      },
    ],
    // `people` without a way to reach them is as good as nobody: alerts are then seen in Grafana alone.
    receivers: [{ name: 'nobody' }, people],
  };
  return {
    secrets: [
      ...(slack === undefined
        ? []
        : [
            asked(SLACK_URL, 'Address that alerts are posted to in Slack.', 'Make an incoming webhook of the channel.'),
          ]),
      ...(smtp?.user === undefined
        ? []
        : [
            asked(
              SMTP_PASSWORD,
              'Password of `mail.smtp.user` at the server that apps send mail through.',
              'Whoever runs the mail server gives it to you.',
            ),
          ]),
      ...(webhook
        ? [
            asked(
              WEBHOOK_URL,
              'Address that alerts are posted to as JSON.',
              'Whoever runs what receives them knows it.',
            ),
          ]
        : []),
    ],
    data: {
      // JSON is YAML.
      'alertmanager.yaml': [{ text: `${JSON.stringify(configuration, null, 2)}\n` }],
      ...(slack === undefined ? {} : { 'slack-url': [{ secret: SLACK_URL }] }),
      ...(smtp?.user === undefined ? {} : { 'smtp-password': [{ secret: SMTP_PASSWORD }] }),
      ...(webhook ? { 'webhook-url': [{ secret: WEBHOOK_URL }] } : {}),
    },
  };
}

function asked(name: string, description: string, help: string): SecretWant {
  return { name, description, supply: { kind: 'asked', help } };
}
