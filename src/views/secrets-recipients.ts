import type { RecipientRemoveResult, RecipientsResult } from '../usecases/secrets-recipients.ts';
import type { Style } from './style.ts';

export function recipientsText({ recipients, files }: RecipientsResult, style: Style): string {
  return [style.dim(`Open ${files.length === 0 ? 'nothing yet' : files.join(', ')}:`), ...recipients].join('\n');
}

export function recipientRemoveText(result: RecipientRemoveResult, style: Style): string {
  const { removed, rotate, exposed } = result;
  return [
    recipientsText(result, style),
    '',
    style.yellow(`${removed} has read what was there, and may have kept it:`),
    ...rotate.map((name) => `  ffops secrets rotate ${name}`),
    ...exposed.map(({ name, reason }) => `  ${name} cannot be rotated, because ${reason}`),
  ].join('\n');
}
