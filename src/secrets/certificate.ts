/**
 * Certificates for servers inside the cluster: an authority of their own that signs nobody else. Both lie in one secret, as
 * PEM, one after another: the server's certificate, its key, the authority's certificate, its key. The authority stays when
 * the server's certificate is made anew, so clients go on trusting without a restart.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import type { CertificatePart } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import { certificate, isAddress } from './x509.ts';

const YEARS = { authority: 30, server: 10 };
/** Clocks of nodes may be behind. */
const HEAD_START_MS = 24 * 3_600_000;
/** A certificate that ends sooner is one to replace. */
const LAST_DAYS = 90;

/** `earlier` is the secret so far: its authority signs again, unless it is none or ends too soon. */
export function makeCertificate(name: string, hosts: readonly string[], now: Date, earlier?: Secret): Secret {
  const authority = authorityOf(earlier, now) ?? makeAuthority(name, now);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = certificate({
    subject: name,
    publicKey,
    issuer: {
      subject: authority.subject,
      publicKey: createPublicKey(authority.key),
      privateKey: createPrivateKey(authority.key),
    },
    ...validity(now, YEARS.server),
    serial: newSerial(),
    hosts,
  });
  return new Secret(
    [signed, privateKey.export({ type: 'pkcs8', format: 'pem' }), authority.pem, authority.key].join(''),
  );
}

interface Authority {
  readonly subject: string;
  readonly pem: string;
  readonly key: string;
}

function makeAuthority(name: string, now: Date): Authority {
  const subject = `${name} authority`;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = certificate({
    subject,
    publicKey,
    issuer: { subject, publicKey, privateKey },
    ...validity(now, YEARS.authority),
    serial: newSerial(),
    hosts: 'authority',
  });
  return { subject, pem, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function authorityOf(earlier: Secret | undefined, now: Date): Authority | undefined {
  const blocks = blocksOf(earlier);
  if (blocks === undefined) return undefined;
  const { subject, validToDate } = new X509Certificate(blocks.authority);
  if (validToDate < validity(now, YEARS.server).notAfter) return undefined;
  return { subject: subject.replace(/^CN=/, ''), pem: blocks.authority, key: blocks.authorityKey };
}

/** Why a value does not serve as a certificate for these hosts; undefined when it does. */
export function certificateFlaw(value: Secret, hosts: readonly string[], now: Date): string | undefined {
  const blocks = blocksOf(value);
  if (blocks === undefined) return 'it is no certificate with its key and its authority';
  const server = new X509Certificate(blocks.server);
  const stranger = hosts.find((host) => !covers(server, host));
  if (stranger !== undefined) return `it is not for ${stranger}`;
  const ends = server.validToDate;
  return ends.getTime() - now.getTime() < LAST_DAYS * 24 * 3_600_000
    ? `it ends on ${ends.toISOString().slice(0, 10)}`
    : undefined;
}

/** Throws when the value is no certificate: `checkSecrets` has said so before. */
export function partOf(value: Secret, part: CertificatePart): Secret {
  const blocks = blocksOf(value);
  if (blocks === undefined) throw new Error('a secret that should be a certificate is none');
  const parts = { 'ca.crt': blocks.authority, 'tls.crt': blocks.server, 'tls.key': blocks.serverKey };
  return new Secret(parts[part]);
}

interface Blocks {
  readonly server: string;
  readonly serverKey: string;
  readonly authority: string;
  readonly authorityKey: string;
}

/** Only what fits together. */
function blocksOf(value: Secret | undefined): Blocks | undefined {
  const found = value?.reveal().match(/-----BEGIN (CERTIFICATE|PRIVATE KEY)-----\n[^-]+-----END \1-----\n/g) ?? [];
  const [server, serverKey, authority, authorityKey] = found;
  if (server === undefined || serverKey === undefined || authority === undefined || authorityKey === undefined)
    return undefined;
  try {
    const [ours, above] = [new X509Certificate(server), new X509Certificate(authority)];
    const fits =
      ours.checkPrivateKey(createPrivateKey(serverKey)) &&
      above.checkPrivateKey(createPrivateKey(authorityKey)) &&
      ours.checkIssued(above) &&
      ours.verify(above.publicKey);
    return fits ? { server, serverKey, authority, authorityKey } : undefined;
  } catch {
    return undefined;
  }
}

function covers(server: X509Certificate, host: string): boolean {
  return (isAddress(host) ? server.checkIP(host) : server.checkHost(host, { subject: 'never' })) !== undefined;
}

function validity(now: Date, years: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + years);
  return { notBefore: new Date(now.getTime() - HEAD_START_MS), notAfter };
}

function newSerial(): Uint8Array {
  const serial = randomBytes(16);
  // Positive, and as long as it says.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return serial;
}
