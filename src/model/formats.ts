/** The shapes of text that options share; each message completes "must be …". */
import { z } from 'zod';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';

/** A name that Kubernetes and DNS both take. */
export const dnsLabel = z
  .string()
  .regex(
    new RegExp(`^${LABEL}$`),
    'at most 63 lower-case letters, digits and hyphens, with a letter or digit at both ends',
  );

export const dnsName = z
  .string()
  .max(253)
  .regex(
    new RegExp(`^${LABEL}(\\.${LABEL})*$`),
    'a host name: at most 63 lower-case letters, digits and hyphens between two dots',
  );

export const bucketName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    '3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends',
  );

export const email = z.string().regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address');

/** A size of storage as Kubernetes writes it. */
export const quantity = z.string().regex(/^[1-9]\d{0,5}(Mi|Gi|Ti)$/, 'a size such as 10Gi');

/** A `quantity`, for sums. */
export function gibibytes(quantity: string): number {
  const [, count, unit] = /^(\d+)(Mi|Gi|Ti)$/.exec(quantity) ?? [];
  return Number(count) * { Mi: 1 / 1024, Gi: 1, Ti: 1024 }[unit as 'Mi' | 'Gi' | 'Ti'];
}

/** The body of a request, in whole mebibytes. */
export const bodySize = z.string().regex(/^[1-9]\d{0,2}Mi$/, 'a size from 1Mi to 999Mi');

export const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 04:00');

/** A Kubernetes label's name: an optional domain and a slash, then a short name. */
export const labelKey = z
  .string()
  .regex(
    new RegExp(`^(?=.{1,317}$)(?:${LABEL}(?:\\.${LABEL})*/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`),
    'at most 63 letters, digits, dots, hyphens and underscores, after an optional domain and a slash',
  );

export const labelValue = z
  .string()
  .regex(
    /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/,
    'at most 63 letters, digits, dots, hyphens and underscores, with a letter or digit at both ends',
  );

/** A private IPv4 network, of a size that clouds accept for a VPC. */
export const privateNetwork = z
  .string()
  .refine(isPrivateNetwork, 'a private network such as 10.10.0.0/16, between /16 and /24');

function isPrivateNetwork(text: string): boolean {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return false;
  const [a, b, c, d, bits] = match.slice(1).map(Number) as [number, number, number, number, number];
  if (Math.max(a, b, c, d) > 255 || bits < 16 || bits > 24) return false;
  const hostBits = 2 ** (32 - bits) - 1;
  const aligned = (((c << 8) | d) & hostBits) === 0;
  return aligned && (a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168));
}

export const schedule = z
  .string()
  .refine(isSchedule, 'a time of day such as 03:00, or five cron fields such as 0 3 * * 1');

const CRON_BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

function isSchedule(text: string): boolean {
  if (timeOfDay.safeParse(text).success) return true;
  const fields = text.split(' ');
  return (
    fields.length === CRON_BOUNDS.length &&
    CRON_BOUNDS.every(([min, max], index) => isCronField(fields[index] as string, min, max))
  );
}

/** `*`, `5`, `1-5`, each with an optional `/2`, joined by commas. */
function isCronField(field: string, min: number, max: number): boolean {
  return field.split(',').every((part) => {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (match === null) return false;
    const from = Number(match[1] ?? min);
    const to = Number(match[2] ?? match[1] ?? max);
    return from >= min && to <= max && from <= to && Number(match[3] ?? 1) >= 1;
  });
}

/** The five cron fields that a schedule means. */
export function cronOf(schedule: string): string {
  const time = /^(\d\d):(\d\d)$/.exec(schedule);
  return time === null ? schedule : `${Number(time[2])} ${Number(time[1])} * * *`;
}
