import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';

export interface ClientCertificate {
  /** PEM; it is its own authority. */
  readonly certificate: string;
  readonly key: string;
}

const OID = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  organization: [0x55, 0x04, 0x0a],
  extendedKeyUsage: [0x55, 0x1d, 0x25],
  clientAuthentication: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02],
} as const;
const SEQUENCE = 0x30;
const SET = 0x31;

/**
 * By which kubelets know the API server. Written out here, because Node has no function for it and openssl may not be
 * there.
 */
export function makeClientCertificate(name: string, group: string): ClientCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, oid(OID.ecdsaWithSha256));
  const subject = der(SEQUENCE, attribute(OID.organization, group), attribute(OID.commonName, name));
  const usage = der(SEQUENCE, oid(OID.clientAuthentication));
  const extensions = der(SEQUENCE, der(SEQUENCE, oid(OID.extendedKeyUsage), der(0x04, usage)));
  const body = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    // A positive number: its first bit stays clear.
    der(0x02, Buffer.concat([Buffer.from([0x4d]), randomBytes(15)])),
    algorithm,
    subject,
    der(SEQUENCE, time('20200101000000Z'), time('21200101000000Z')),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const certificate = new X509Certificate(der(SEQUENCE, body, algorithm, signature));
  return {
    certificate: certificate.toString(),
    key: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  };
}

function attribute(type: readonly number[], value: string): Buffer {
  return der(SET, der(SEQUENCE, oid(type), der(0x0c, Buffer.from(value, 'utf8'))));
}

function oid(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function time(text: string): Buffer {
  return der(0x18, Buffer.from(text, 'latin1'));
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 0x100), length % 0x100];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
