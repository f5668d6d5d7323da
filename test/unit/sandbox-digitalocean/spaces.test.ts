import { expect } from 'chai';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  expectedSignature,
  givenSignature,
  sha256,
  sign,
  type Signable,
} from '../../../src/sandbox/digitalocean/spaces/signature.ts';
import { spacesAddress } from '../../../src/sandbox/digitalocean/spaces/address.ts';
import { Unchunk } from '../../../src/sandbox/digitalocean/spaces/chunks.ts';
import { openCloud, type OpenCloud } from './open-cloud.ts';

const clientKey = { accessKey: 'DOCLIENT', secretKey: 'client-secret' };
const serverKey = { accessKey: 'root', secretKey: 'server-secret' };

describe('Spaces', () => {
  describe('signatures', () => {
    // The example of Amazon's own documentation: GET Object with a range.
    const example: Signable = {
      method: 'GET',
      path: '/test.txt',
      query: new URLSearchParams(),
      headers: {
        host: 'examplebucket.s3.amazonaws.com',
        range: 'bytes=0-9',
        'x-amz-content-sha256': sha256(''),
        'x-amz-date': '20130524T000000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      },
    };

    it('are what Amazon computes', () => {
      const given = givenSignature(example);
      expect(given).to.include({ accessKey: 'AKIAIOSFODNN7EXAMPLE', region: 'us-east-1', presigned: false });
      if (given === undefined) throw new Error('unsigned');
      expect(expectedSignature(example, given, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')).to.equal(given.signature);
    });

    it('change with anything that is signed', () => {
      const given = givenSignature(example);
      if (given === undefined) throw new Error('unsigned');
      const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
      for (const changed of [
        { ...example, method: 'PUT' },
        { ...example, path: '/test2.txt' },
        { ...example, query: new URLSearchParams('acl') },
        { ...example, headers: { ...example.headers, range: 'bytes=0-8' } },
      ]) {
        expect(expectedSignature(changed, given, secret)).not.to.equal(given.signature);
      }
    });

    it('are absent from what is not signed', () => {
      expect(givenSignature({ ...example, headers: { host: 'x' } })).to.equal(undefined);
      expect(givenSignature({ ...example, headers: { ...example.headers, authorization: 'Bearer abc' } })).to.equal(
        undefined,
      );
    });
  });

  it('find bucket, key and region in either place', () => {
    expect(spacesAddress('backups.fra1.spaces.invalid', '/a/b')).to.deep.equal({
      bucket: 'backups',
      key: 'a/b',
      region: 'fra1',
    });
    expect(spacesAddress('my.dotted.ams3.spaces.invalid', '/')).to.deep.equal({
      bucket: 'my.dotted',
      key: '',
      region: 'ams3',
    });
    expect(spacesAddress('fra1.spaces.invalid', '/backups')).to.deep.equal({
      bucket: 'backups',
      key: '',
      region: 'fra1',
    });
    expect(spacesAddress('127.0.0.1:4000', '/backups/a/b')).to.deep.equal({
      bucket: 'backups',
      key: 'a/b',
      region: undefined,
    });
    expect(spacesAddress('backups.mars1.spaces.invalid', '/')).to.equal(undefined);
    expect(spacesAddress('example.com', '/')).to.equal(undefined);
  });

  describe('chunked bodies', () => {
    async function unchunk(pieces: readonly string[]): Promise<string> {
      const stream = new Unchunk();
      const read = stream.toArray();
      for (const piece of pieces) stream.write(Buffer.from(piece));
      stream.end();
      return Buffer.concat((await read) as Buffer[]).toString();
    }
    const body =
      '5;chunk-signature=ab\r\nhello\r\n7;chunk-signature=cd\r\n, world\r\n0;chunk-signature=ef\r\nx-amz-checksum-crc32:AAAA\r\n\r\n';

    it('come out as they went in, wherever the network cuts them', async () => {
      expect(await unchunk([body])).to.equal('hello, world');
      expect(await unchunk([...body])).to.equal('hello, world');
    });

    it('fail when they end early or are something else', async () => {
      const failure = (pieces: readonly string[]): Promise<unknown> =>
        unchunk(pieces).catch((error: unknown) => (error as Error).message);
      expect(await failure([body.slice(0, 30)])).to.equal('the chunked body ends early');
      expect(await failure(['plain text\r\n'])).to.equal('not a chunked body');
    });
  });

  describe('the front', () => {
    let server: FakeS3;
    let cloud: OpenCloud;
    before(async () => {
      server = await fakeS3();
      cloud = await openCloud({
        spaces: { port: 0, endpoint: server.url, region: 'us-east-1', ...serverKey, clientKey },
      });
    });
    after(async () => {
      await cloud.close();
      server.close();
    });

    interface Ask {
      readonly host?: string;
      readonly path: string;
      readonly method?: string;
      readonly body?: string;
      readonly headers?: Record<string, string>;
      readonly key?: typeof clientKey;
      readonly region?: string;
    }
    /** As the provider does it: to the front as HTTP proxy, with the bucket in the host name. */
    async function ask({
      host,
      path,
      method = 'GET',
      body = '',
      headers = {},
      key = clientKey,
      region = 'us-east-1',
    }: Ask): Promise<{ status: number; text: string }> {
      const front = new URL(cloud.cloud.spacesUrl ?? '');
      const target = host === undefined ? front.host : host;
      const [pathname = '/', search = ''] = path.split('?');
      const signed = sign(
        { method, path: pathname, query: new URLSearchParams(search), headers: { ...headers, host: target } },
        key,
        region,
        headers['x-amz-content-sha256'] ?? sha256(body),
      );
      return new Promise((resolve, reject) => {
        const request = http.request(
          {
            host: front.hostname,
            port: front.port,
            method,
            path: host === undefined ? path : `http://${host}${path}`,
            headers: { ...signed, 'content-length': Buffer.byteLength(body) },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('end', () =>
              resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
            );
          },
        );
        request.on('error', reject);
        request.end(body);
      });
    }

    it('hands a request on, under its own key, with the bucket in the path', async () => {
      await ask({ host: 'backups.fra1.spaces.invalid', path: '/', method: 'PUT' });
      server.seen.length = 0;
      expect(
        (
          await ask({
            host: 'backups.fra1.spaces.invalid',
            path: '/a%20b/c?partNumber=1',
            method: 'PUT',
            body: 'hello',
          })
        ).status,
      ).to.equal(200);
      expect(server.seen).to.deep.equal([
        { method: 'PUT', url: '/backups/a%20b/c?partNumber=1', body: 'hello', valid: true },
      ]);
    });

    it('remembers where a bucket is: by host name, by body, by signature', async () => {
      const location = async (bucket: string): Promise<string> => (await ask({ path: `/${bucket}?location` })).text;
      await ask({ host: 'one.ams3.spaces.invalid', path: '/', method: 'PUT' });
      await ask({
        path: '/two',
        method: 'PUT',
        body: '<CreateBucketConfiguration><LocationConstraint>sgp1</LocationConstraint></CreateBucketConfiguration>',
      });
      await ask({ path: '/three', method: 'PUT', region: 'lon1' });
      expect(await location('one')).to.contain('>ams3<');
      expect(await location('two')).to.contain('>sgp1<');
      expect(await location('three')).to.contain('>lon1<');
      const list = await ask({ host: 'ams3.spaces.invalid', path: '/' });
      expect(list.text).to.contain('<Name>one</Name>').and.not.to.contain('<Name>two</Name>');
    });

    it('keeps lifecycle rules as they were given', async () => {
      const path = '/backups?lifecycle';
      expect((await ask({ path })).text).to.contain('NoSuchLifecycleConfiguration');
      await ask({ path, method: 'PUT', body: '<LifecycleConfiguration/>' });
      expect((await ask({ path })).text).to.equal('<LifecycleConfiguration/>');
      expect((await ask({ path, method: 'DELETE' })).status).to.equal(204);
      expect((await ask({ path })).status).to.equal(404);
      expect((await ask({ path: '/nowhere?lifecycle' })).text).to.contain('NoSuchBucket');
    });

    it('forgets a bucket that is deleted, and the inventory with it', async () => {
      await ask({ path: '/gone', method: 'PUT' });
      const buckets = async (): Promise<string[]> =>
        (await cloud.call('GET', '/_sandbox/inventory')).body.items
          .filter((item: { kind: string }) => item.kind === 'bucket')
          .map((item: { name: string }) => item.name);
      expect(await buckets()).to.include('gone');
      await ask({ path: '/gone', method: 'DELETE' });
      expect(await buckets()).not.to.include('gone');
    });

    it('takes the wrapping off chunked bodies', async () => {
      server.seen.length = 0;
      await ask({
        path: '/backups/big',
        method: 'PUT',
        body: '5\r\nhello\r\n0\r\n\r\n',
        headers: {
          'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
          'x-amz-decoded-content-length': '5',
          'content-encoding': 'aws-chunked',
        },
      });
      expect(server.seen).to.deep.equal([{ method: 'PUT', url: '/backups/big', body: 'hello', valid: true }]);
    });

    it('creates an object once when asked to create it only if there is none', async () => {
      const create = (): Promise<{ status: number }> =>
        ask({ path: '/backups/lock', method: 'PUT', body: 'mine', headers: { 'if-none-match': '*' } });
      const statuses = (await Promise.all([create(), create(), create()])).map((answer) => answer.status);
      expect(statuses.sort()).to.deep.equal([200, 412, 412]);
      await ask({ path: '/backups/lock', method: 'DELETE' });
      expect((await create()).status).to.equal(200);
    });

    it('refuses strangers and forgers', async () => {
      expect((await ask({ path: '/backups/a', key: { accessKey: 'NOBODY', secretKey: 'x' } })).text).to.contain(
        'InvalidAccessKeyId',
      );
      expect((await ask({ path: '/backups/a', key: { ...clientKey, secretKey: 'guessed' } })).text).to.contain(
        'SignatureDoesNotMatch',
      );
      expect((await fetch(`${cloud.cloud.spacesUrl}/backups/a`)).status).to.equal(403);
    });

    it('gives a limited key what it was granted', async () => {
      const { body } = await cloud.call('POST', '/v2/spaces/keys', {
        name: 'reader',
        grants: [{ bucket: 'backups', permission: 'read' }],
      });
      const key = { accessKey: body.key.access_key, secretKey: body.key.secret_key };
      await ask({ path: '/backups/a', method: 'PUT', body: 'x' });
      expect((await ask({ path: '/backups/a', key })).status).to.equal(200);
      expect((await ask({ path: '/backups/a', method: 'PUT', body: 'y', key })).status).to.equal(403);
      expect((await ask({ path: '/one/a', key })).status).to.equal(403);
    });

    it('lets nothing out', async () => {
      server.seen.length = 0;
      expect(await ask({ host: 'example.com', path: '/' })).to.include({ status: 403 });
      const front = new URL(cloud.cloud.spacesUrl ?? '');
      const tunnel = await new Promise<number | undefined>((resolve, reject) => {
        const request = http.request({
          host: front.hostname,
          port: front.port,
          method: 'CONNECT',
          path: 'example.com:443',
        });
        request.on('connect', (response) => resolve(response.statusCode));
        request.on('error', reject);
        request.end();
      });
      expect(tunnel).to.equal(403);
      expect(server.seen).to.deep.equal([]);
    });

    it('fails on request, and is in the record of calls', async () => {
      await cloud.call('POST', '/_sandbox/faults', { kind: 'rate-limit', path: '/spaces/backups/**', method: 'GET' });
      await cloud.call('POST', '/_sandbox/faults', {
        kind: 'fail-after',
        path: '/spaces/backups/after',
        method: 'PUT',
      });
      expect(await ask({ path: '/backups/a' })).to.include({ status: 503 });
      expect((await ask({ path: '/backups/after', method: 'PUT', body: 'x' })).status).to.equal(500);
      expect((await ask({ path: '/backups/after' })).text).to.equal('x');
      const { body } = await cloud.call('GET', '/_sandbox/calls');
      expect(
        body.calls
          .filter((call: { fault?: string }) => call.fault !== undefined)
          .map((call: { path: string }) => call.path),
      ).to.deep.equal(['/spaces/backups/a', '/spaces/backups/after']);
    });

    it('says so when the server behind is gone', async () => {
      server.close();
      expect((await ask({ path: '/backups/a' })).text).to.contain('ServiceUnavailable');
    });
  });
});

interface FakeS3 {
  readonly url: string;
  readonly seen: { method: string; url: string; body: string; valid: boolean }[];
  close(): void;
}

/** Objects in memory; says of each request whether its signature is right. */
async function fakeS3(): Promise<FakeS3> {
  const seen: FakeS3['seen'] = [];
  const objects = new Map<string, string>();
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://server');
      const method = request.method ?? '';
      const body = Buffer.concat(chunks).toString();
      const signable = {
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers as Record<string, string>,
      };
      const given = givenSignature(signable);
      const valid =
        given !== undefined &&
        given.accessKey === serverKey.accessKey &&
        expectedSignature(signable, given, serverKey.secretKey) === given.signature;
      seen.push({ method, url: request.url ?? '', body, valid });
      const found = objects.get(url.pathname);
      if (method === 'PUT') objects.set(url.pathname, body);
      if (method === 'DELETE') objects.delete(url.pathname);
      const reads = method === 'GET' || method === 'HEAD';
      response.writeHead(method === 'DELETE' ? 204 : reads && found === undefined ? 404 : 200);
      response.end(method === 'GET' ? found : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
