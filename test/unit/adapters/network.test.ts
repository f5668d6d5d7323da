import { expect } from 'chai';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { realNetwork } from '../../../src/adapters/network.ts';
import { FailedError } from '../../../src/errors.ts';
import { Secret } from '../../../src/model/secret.ts';

describe('network', () => {
  const network = realNetwork();
  let server: Server;
  let url: string;

  before(async () => {
    server = createServer((request, response) => {
      if (request.url === '/slow') return;
      if (request.url === '/broken') {
        response.writeHead(200, { 'content-length': '100' }).write('only this', () => response.destroy());
        return;
      }
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(request.url === '/missing' ? 404 : 200, { 'x-method': request.method, link: ['a', 'b'] });
        response.end(`${request.headers.authorization ?? ''}|${Buffer.concat(chunks).toString()}`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('sends secrets in headers and bodies as they are, and gives the answer whatever its status', async () => {
    const answer = await network.request({
      method: 'PUT',
      url,
      headers: { authorization: new Secret('Bearer x') },
      body: 'body',
    });
    expect(answer.status).to.equal(200);
    expect(answer.headers).to.include({ 'x-method': 'PUT', link: 'a, b' });
    expect(Buffer.from(answer.body).toString()).to.equal('Bearer x|body');
    expect((await network.request({ method: 'GET', url: `${url}/missing` })).status).to.equal(404);
  });

  it('names the host, not the request, when there is no answer', async () => {
    const refused = await failure(network.request({ method: 'GET', url: 'http://127.0.0.1:1/path?token=x' }));
    expect(refused.message).to.match(/^127\.0\.0\.1:1 did not answer: /);
    expect(refused.message).to.not.include('token');
    const slow = await failure(network.request({ method: 'GET', url: `${url}/slow`, timeoutMs: 100 }));
    expect(slow.message).to.include('it took too long');
  });

  it('takes an answer that breaks off for none', async () => {
    const broken = await failure(network.request({ method: 'GET', url: `${url}/broken` }));
    expect(broken.message).to.match(/^127\.0\.0\.1:\d+ did not answer: ECONNRESET/);
  });

  describe('behind a proxy', () => {
    let proxy: Server;
    let proxyUrl: string;
    let asked: string[];
    beforeEach(async () => {
      asked = [];
      proxy = createServer((_, response) => response.writeHead(500).end());
      // Whatever name is asked for, it is the server above.
      proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
        asked.push(`${request.method} ${request.url}`);
        const upstream = connect(Number(new URL(url).port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
          upstream.pipe(socket).pipe(upstream);
        });
        upstream.on('error', () => socket.destroy());
        socket.on('error', () => upstream.destroy());
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      proxy.closeAllConnections();
      proxy.close();
    });

    for (const [name, scheme] of [
      ['HTTP_PROXY', 'http://'],
      ['http_proxy', ''],
    ] as const)
      it(`goes through the one that ${name} names, written ${scheme}…`, async () => {
        const through = realNetwork({ [name]: proxyUrl.replace('http://', scheme) });
        const answer = await through.request({
          method: 'PUT',
          url: 'http://registry.example.com/',
          headers: { authorization: new Secret('Bearer x') },
          body: 'body',
        });
        expect(Buffer.from(answer.body).toString()).to.equal('Bearer x|body');
        expect(asked).to.deep.equal(['CONNECT registry.example.com:80']);
      });

    it('tunnels https through the one that HTTPS_PROXY names', async () => {
      const through = realNetwork({ HTTPS_PROXY: proxyUrl });
      const error = await failure(through.request({ method: 'GET', url: 'https://registry.example.com/' }));
      expect(error.message).to.match(/^registry\.example\.com did not answer: /);
      expect(asked).to.deep.equal(['CONNECT registry.example.com:443']);
    });

    it('never for loopback, not for what NO_PROXY names, and not https through HTTP_PROXY', async () => {
      const through = realNetwork({ HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl, NO_PROXY: '.invalid' });
      expect((await through.request({ method: 'GET', url })).status).to.equal(200);
      expect((await through.request({ method: 'GET', url: url.replace('127.0.0.1', 'localhost') })).status).to.equal(
        200,
      );
      await failure(through.request({ method: 'GET', url: 'http://registry.invalid/' }));
      const plainOnly = realNetwork({ HTTP_PROXY: proxyUrl });
      await failure(plainOnly.request({ method: 'GET', url: 'https://registry.invalid/' }));
      expect(asked).to.deep.equal([]);
    });
  });

  it('resolves names', async () => {
    expect(await network.resolve('localhost')).to.include.oneOf(['127.0.0.1', '::1']);
  });

  async function failure(work: Promise<unknown>): Promise<FailedError> {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(FailedError);
    return error as FailedError;
  }
});
