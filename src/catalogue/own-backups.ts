/** A backup of one app alone, more often or kept longer than the nightly one of everything. */
import { z } from 'zod';
import type { Environment } from '../model/environment.ts';
import { cronOf, schedule } from '../model/formats.ts';
import type { Finding } from '../model/registry.ts';
import type { WebApp } from './web-app.ts';

/** Velero reads the schedules of its own namespace. */
const NAMESPACE = 'infra';

export const ownBackups = z
  .strictObject({
    schedule: schedule.describe('Every day at a time (`12:00`), in UTC, or five cron fields (`0 * * * *`).'),
    retentionDays: z.int().min(1).max(3650).default(7).describe('Days that such a backup is kept.'),
  })
  .optional()
  .describe('Backups of this app alone, beside the nightly ones.');

export function scheduleOf(option: z.infer<typeof ownBackups>): Pick<WebApp, 'schedule'> {
  if (option === undefined) return {};
  return {
    schedule: { namespace: NAMESPACE, cron: cronOf(option.schedule), retentionDays: option.retentionDays },
  };
}

export function refuseWithoutBackups(
  { backups }: Environment,
  option: z.infer<typeof ownBackups>,
  path: string,
): readonly Finding[] {
  if (option === undefined || backups.enabled) return [];
  return [{ path, message: 'Backups are switched off.', hints: ['Write `backups.enabled: true`, or leave it out.'] }];
}
