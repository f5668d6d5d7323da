import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { caller, openCloud, token, type OpenCloud } from './open-cloud.ts';

describe('the API of the simulated DigitalOcean', () => {
  let cloud: OpenCloud;
  before(async () => {
    cloud = await openCloud();
    for (let n = 1; n <= 45; n += 1) {
      await cloud.call('POST', '/v2/domains', { name: `d${n}.example` });
    }
  });
  after(() => cloud.close());

  describe('pages', () => {
    it('have twenty entries and say what comes next', async () => {
      const { body } = await cloud.call('GET', '/v2/domains');
      expect(body.domains).to.have.length(20);
      expect(body.meta).to.deep.equal({ total: 45 });
      expect(body.links.pages).to.deep.equal({
        next: `${cloud.url}/v2/domains?page=2&per_page=20`,
        last: `${cloud.url}/v2/domains?page=3&per_page=20`,
      });
    });

    it('lead back from the middle and end without a next one', async () => {
      const middle = await cloud.call('GET', '/v2/domains?page=2');
      expect(Object.keys(middle.body.links.pages)).to.have.members(['first', 'prev', 'next', 'last']);
      const last = await cloud.call('GET', '/v2/domains?page=3');
      expect(last.body.domains).to.have.length(5);
      expect(Object.keys(last.body.links.pages)).to.have.members(['first', 'prev']);
    });

    it('keep the other parameters in their links', async () => {
      const { body } = await cloud.call('GET', '/v2/domains/d1.example/records?type=NS&per_page=2');
      expect(body.links.pages.next).to.contain('type=NS').and.to.contain('page=2').and.to.contain('per_page=2');
    });

    it('together hold every entry once', async () => {
      const names: string[] = [];
      for (let path: string | undefined = '/v2/domains?per_page=7'; path !== undefined;) {
        const { body } = await cloud.call('GET', path);
        names.push(...body.domains.map((domain: { name: string }) => domain.name));
        path = body.links.pages?.next?.slice(cloud.url.length);
      }
      expect(new Set(names)).to.have.property('size', 45);
      expect(names).to.have.length(45);
    });

    it('have at most 200 entries, and no links when one is enough', async () => {
      const { body } = await cloud.call('GET', '/v2/domains?per_page=5000');
      expect(body.domains).to.have.length(45);
      expect(body.links).to.deep.equal({});
    });
  });

  describe('errors', () => {
    it('refuse an unknown token, and say so as the real API does', async () => {
      const answer = await caller(cloud.url, 'somebody-else')('GET', '/v2/account');
      expect(answer.status).to.equal(401);
      expect(answer.body).to.include({ id: 'unauthorized', message: 'Unable to authenticate you.' });
    });

    it('carry the request id of the header', async () => {
      const answer = await cloud.call('GET', '/v2/vpcs/no-such-one');
      expect(answer.status).to.equal(404);
      expect(answer.body.id).to.equal('not_found');
      expect(answer.body.request_id).to.equal(answer.headers.get('x-request-id'));
    });

    it('tell a path that does not exist from one that does', async () => {
      expect((await cloud.call('GET', '/v2/nothing')).status).to.equal(404);
    });

    it('name a body that is not JSON', async () => {
      const response = await fetch(`${cloud.url}/v2/domains`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: '{',
      });
      expect(response.status).to.equal(400);
      expect(await response.json()).to.include({ id: 'bad_request', message: 'error parsing request body' });
    });

    it('outlive every request line', async () => {
      const ask = (line: string): Promise<string> =>
        new Promise((resolve, reject) => {
          const socket = net.connect(Number(new URL(cloud.url).port), '127.0.0.1');
          const heard: Buffer[] = [];
          socket.on('data', (chunk) => heard.push(chunk));
          socket.on('close', () => resolve(Buffer.concat(heard).toString().slice(0, 12)));
          socket.on('error', reject);
          socket.end(`GET ${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`);
        });
      for (const line of ['//', '/v2/domains/%zz', '/v2/domains/..%2f..', 'http://', 'http:///v2', '/%', '/?%=%&%']) {
        expect(await ask(line), line).to.equal('HTTP/1.1 404');
      }
      expect(await ask('//v2//account/')).to.equal('HTTP/1.1 200');
      expect(await ask(`${cloud.url}/v2/account`)).to.equal('HTTP/1.1 200');
    });

    it('outlive clients that leave in the middle', async () => {
      const socket = net.connect(Number(new URL(cloud.url).port), '127.0.0.1');
      socket.write(
        `POST /v2/domains HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 99\r\n\r\n{"name":`,
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.destroy();
      expect((await cloud.call('GET', '/v2/account')).status).to.equal(200);
    });

    it('name the field that is wrong', async () => {
      const answer = await cloud.call('POST', '/v2/vpcs', { name: 'x', region: 5 });
      expect(answer.status).to.equal(422);
      expect(answer.body.id).to.equal('unprocessable_entity');
      expect(answer.body.message).to.match(/^region: /);
    });
  });

  it('counts the rate limit down in its headers', async () => {
    const left = async (): Promise<number> =>
      Number((await cloud.call('GET', '/v2/account')).headers.get('ratelimit-remaining'));
    const first = await left();
    expect(await left()).to.equal(first - 1);
    const { headers } = await cloud.call('GET', '/v2/account');
    expect(headers.get('ratelimit-limit')).to.equal('5000');
    expect(Number(headers.get('ratelimit-reset'))).to.be.greaterThan(Date.now() / 1000);
  });

  it('records every call and never a token', async () => {
    // Calls of the test before may be of the same millisecond.
    await pause(2);
    const since = new Date().toISOString();
    await cloud.call('GET', '/v2/regions?page=1');
    await cloud.call('POST', '/v2/vpcs', {});
    const { body } = await cloud.call('GET', `/_sandbox/calls?since=${since}`);
    expect(body.calls).to.have.length(2);
    expect(body.calls[0]).to.include({
      method: 'GET',
      path: '/v2/regions',
      query: 'page=1',
      status: 200,
      userAgent: 'ffops-test/1',
    });
    expect(body.calls[1]).to.include({ method: 'POST', path: '/v2/vpcs', status: 422 });
    for (const file of ['calls.jsonl', 'journal.jsonl'])
      expect(readFileSync(join(cloud.folder, file), 'utf8')).not.to.contain(token);
  });

  it('is open to nobody without a token, save for its health', async () => {
    expect((await fetch(`${cloud.url}/_sandbox/health`)).status).to.equal(200);
    expect((await fetch(`${cloud.url}/_sandbox/inventory`)).status).to.equal(401);
  });
});
