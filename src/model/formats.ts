/** The shapes of text that options share; each message completes "expected …". */
import { z } from 'zod';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';

/** A name that Kubernetes and DNS both take. */
export const dnsLabel = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'lower-case letters, digits and hyphens, with a letter or digit at both ends')
  .max(63);

export const dnsName = z
  .string()
  .max(253)
  .regex(new RegExp(`^${LABEL}(\\.${LABEL})*$`), 'a host name: labels of lower-case letters, digits and hyphens, joined by dots');

export const email = z.string().regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address');

/** A size of storage as Kubernetes writes it. */
export const quantity = z.string().regex(/^[1-9]\d*(Mi|Gi|Ti)$/, 'a size such as 10Gi');

export const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 04:00');

/** A private IPv4 network, in the ranges that clouds accept for a VPC. */
export const cidr = z
  .string()
  .regex(
    /^(10\.\d{1,3}\.\d{1,3}\.\d{1,3}|172\.(1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3}|192\.168\.\d{1,3}\.\d{1,3})\/(1[6-9]|2[0-8])$/,
    'a private network such as 10.10.0.0/16, between /16 and /28',
  );

const CRON_FIELD = '(?:\\*|\\d+(?:-\\d+)?)(?:/\\d+)?(?:,(?:\\*|\\d+(?:-\\d+)?)(?:/\\d+)?)*';

export const schedule = z
  .string()
  .regex(
    new RegExp(`^((?:[01]\\d|2[0-3]):[0-5]\\d|${CRON_FIELD}( ${CRON_FIELD}){4})$`),
    'a time of day such as 03:00, or five cron fields',
  );

/** The five cron fields that a schedule means. */
export function cronOf(schedule: string): string {
  const time = /^(\d\d):(\d\d)$/.exec(schedule);
  return time === null ? schedule : `${Number(time[2])} ${Number(time[1])} * * *`;
}
