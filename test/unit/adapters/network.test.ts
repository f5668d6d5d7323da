import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(request.url === '/missing' ? 404 : 200, { 'x-method': request.method });
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
    expect(answer.headers['x-method']).to.equal('PUT');
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
