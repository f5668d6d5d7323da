import { expect } from 'chai';
import { signed } from '../../../src/cloud/signature.ts';
import { Secret } from '../../../src/model/secret.ts';

/** The key and the moment of AWS' own examples for S3. */
const credentials = {
  accessKey: new Secret('AKIAIOSFODNN7EXAMPLE'),
  secretKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
};
const scope = { region: 'us-east-1', service: 's3', at: new Date('2013-05-24T00:00:00Z') };
const base = 'https://examplebucket.s3.amazonaws.com';

function signature(method: string, path: string, headers: Record<string, string>, body = ''): string {
  const { authorization = '' } = signed({ method, url: base + path, headers, body }, credentials, scope);
  return /Signature=([0-9a-f]+)/.exec(authorization)?.[1] ?? '';
}

describe("AWS' examples of its signature", () => {
  it('GET object, with a range', () => {
    expect(signature('GET', '/test.txt', { Range: 'bytes=0-9' })).to.equal(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  it('PUT object, with a body and a character that must be encoded', () => {
    const headers = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
    expect(signature('PUT', '/test%24file.text', headers, 'Welcome to Amazon S3.')).to.equal(
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
  });

  it('GET bucket lifecycle: a parameter without a value', () => {
    expect(signature('GET', '/?lifecycle', {})).to.equal(
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    );
  });

  it('GET bucket: parameters in order', () => {
    expect(signature('GET', '/?prefix=J&max-keys=2', {})).to.equal(
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    );
  });

  it('signs what the address says of the host, and sends it only there', () => {
    const headers = signed(
      { method: 'GET', url: 'http://127.0.0.1:9000/b', headers: {}, body: '' },
      credentials,
      scope,
    );
    expect(headers['authorization']).to.contain('SignedHeaders=host;x-amz-content-sha256;x-amz-date');
    expect(headers).not.to.have.property('host');
  });
});
