/**
 * X.509 certificates of one shape: an authority that signs nothing but servers, and a server's, both with P-256 keys. Node
 * reads certificates but makes none. What is written here is the frame; keys and signatures are Node's.
 */
import { createHash, sign, type KeyObject } from 'node:crypto';

export interface CertificateRequest {
  /** Common name: for people, checks look at `hosts`. */
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly subject: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Never zero, never twice of one issuer. */
  readonly serial: Uint8Array;
  /** Names and addresses that a server answers to; an authority has none. */
  readonly hosts: readonly string[] | 'authority';
}

/** As PEM. */
export function certificate(request: CertificateRequest): string {
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(request.serial),
    ecdsaWithSha256,
    name(request.issuer.subject),
    sequence(time(request.notBefore), time(request.notAfter)),
    name(request.subject),
    spki(request.publicKey),
    tagged(3, sequence(...extensions(request))),
  );
  const signature = sign('sha256', body, { key: request.issuer.privateKey, dsaEncoding: 'der' });
  return pem(sequence(body, ecdsaWithSha256, bits(signature)));
}

function extensions({ hosts, publicKey, issuer }: CertificateRequest): readonly Buffer[] {
  const keyId = octets(keyIdentifier(publicKey));
  const issuerKeyId = sequence(context(0, keyIdentifier(issuer.publicKey)));
  if (hosts === 'authority') {
    return [
      // Nothing below it may sign in its turn.
      extension('2.5.29.19', sequence(boolean(true), integer(Buffer.from([0]))), 'critical'),
      extension('2.5.29.15', keyUsage(5, 6), 'critical'),
      extension('2.5.29.14', keyId),
    ];
  }
  return [
    extension('2.5.29.19', sequence(), 'critical'),
    extension('2.5.29.15', keyUsage(0), 'critical'),
    extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', sequence(...hosts.map(alternativeName))),
    extension('2.5.29.14', keyId),
    extension('2.5.29.35', issuerKeyId),
  ];
}

function extension(id: string, value: Buffer, critical?: 'critical'): Buffer {
  return sequence(identifier(id), ...(critical === undefined ? [] : [boolean(true)]), octets(value));
}

/** RFC 5280, 4.2.1.3: the bits are numbered from the left; trailing zeros are not written. */
function keyUsage(...numbers: readonly number[]): Buffer {
  const byte = numbers.reduce((sum, number) => sum | (0x80 >> number), 0);
  return der(0x03, Buffer.from([7 - Math.max(...numbers), byte]));
}

function alternativeName(host: string): Buffer {
  return isAddress(host)
    ? context(7, Buffer.from(host.split('.').map(Number)))
    : context(2, Buffer.from(host, 'ascii'));
}

/** IPv4: nothing in a cluster of ours has another kind. */
export function isAddress(host: string): boolean {
  return /^\d+(\.\d+){3}$/.test(host);
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256').update(spki(key)).digest().subarray(0, 20);
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function name(commonName: string): Buffer {
  return sequence(der(0x31, sequence(identifier('2.5.4.3'), der(0x0c, Buffer.from(commonName)))));
}

/** Two digits of the year until 2049, four from then on. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function pem(certificateDer: Buffer): string {
  const lines = certificateDer.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const long = length < 0x80 ? [] : length < 0x100 ? [0x81] : [0x82, length >> 8];
  return Buffer.concat([Buffer.from([tag, ...long, length & 0xff]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** Unsigned: a first bit of one would make it negative. */
function integer(bytes: Uint8Array): Buffer {
  return der(0x02, bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]));
}

function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 0xff : 0]));
}

function octets(content: Buffer): Buffer {
  return der(0x04, content);
}

function bits(content: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function context(number: number, content: Buffer): Buffer {
  return der(0x80 | number, content);
}

function tagged(number: number, content: Buffer): Buffer {
  return der(0xa0 | number, content);
}

/** The first two numbers share a byte; the others are written in sevens of bits. */
function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(sevens)]));
}

function sevens(number: number): readonly number[] {
  const more = (left: number): number[] => (left === 0 ? [] : [...more(left >> 7), (left & 0x7f) | 0x80]);
  return [...more(number >> 7), number & 0x7f];
}

const ecdsaWithSha256 = sequence(identifier('1.2.840.10045.4.3.2'));
