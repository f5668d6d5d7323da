import { expect } from 'chai';
import { openCloud, type Answer, type OpenCloud } from './open-cloud.ts';

describe('faults on request', () => {
  let cloud: OpenCloud;
  beforeEach(async () => {
    cloud = await openCloud();
  });
  afterEach(() => cloud.close());
  const fault = (body: object): Promise<Answer> => cloud.call('POST', '/_sandbox/faults', body);
  const domain = (name: string): Promise<Answer> => cloud.call('POST', '/v2/domains', { name });
  const exists = async (name: string): Promise<boolean> =>
    (await cloud.call('GET', `/v2/domains/${name}`)).status === 200;
  const broken = (call: Promise<Answer>): Promise<boolean> =>
    call.then(
      () => false,
      () => true,
    );

  it('limit the rate, with the headers that say until when', async () => {
    await fault({ kind: 'rate-limit', method: 'POST', path: '/v2/domains', retryAfterSeconds: 3 });
    const answer = await domain('one.example');
    expect(answer.status).to.equal(429);
    expect(answer.body).to.include({ id: 'too_many_requests', message: 'API Rate limit exceeded.' });
    expect(answer.headers.get('retry-after')).to.equal('3');
    expect(answer.headers.get('ratelimit-remaining')).to.equal('0');
    expect(await exists('one.example')).to.equal(false);
  });

  it('meet as many requests as they were told, and no others', async () => {
    await fault({ kind: 'error', status: 503, method: 'POST', path: '/v2/domains', count: 2 });
    const statuses = [await domain('a.example'), await domain('a.example'), await domain('a.example')].map(
      (answer) => answer.status,
    );
    expect(statuses).to.deep.equal([503, 503, 201]);
    expect((await cloud.call('GET', '/_sandbox/faults')).body.faults[0]).to.include({ met: 2, count: 2 });
  });

  it('break the connection before anything happens', async () => {
    await fault({ kind: 'reset', path: '/v2/domains' });
    expect(await broken(domain('a.example'))).to.equal(true);
    expect(await exists('a.example')).to.equal(false);
  });

  it('fail after creating, with an answer or with a broken connection', async () => {
    await fault({ kind: 'fail-after', method: 'POST', path: '/v2/domains' });
    expect((await domain('a.example')).status).to.equal(500);
    expect(await exists('a.example')).to.equal(true);
    await fault({ kind: 'fail-after', method: 'POST', path: '/v2/domains', status: 0 });
    expect(await broken(domain('b.example'))).to.equal(true);
    expect(await exists('b.example')).to.equal(true);
  });

  it('stall an answer whose work is done', async () => {
    await fault({ kind: 'stall', path: '/v2/domains', delayMs: 80 });
    const began = Date.now();
    expect((await domain('a.example')).status).to.equal(201);
    expect(Date.now() - began).to.be.at.least(79);
  });

  it('match by segments', async () => {
    await fault({ kind: 'error', path: '/v2/domains/*', count: 9 });
    await fault({ kind: 'error', path: '/v2/vpcs/**', status: 502, count: 9 });
    const status = async (path: string): Promise<number> => (await cloud.call('GET', path)).status;
    expect(await status('/v2/domains')).to.equal(200);
    expect(await status('/v2/domains/a.example')).to.equal(500);
    expect(await status('/v2/domains/a.example/records')).to.equal(404);
    expect(await status('/v2/vpcs/1/members')).to.equal(502);
  });

  it('are noted in the record of calls, and can be taken back', async () => {
    const { body } = await fault({ kind: 'error', path: '/v2/account', count: 9 });
    await cloud.call('GET', '/v2/account');
    expect((await cloud.call('GET', '/_sandbox/calls')).body.calls.at(-1)).to.include({
      path: '/v2/account',
      status: 500,
      fault: 'error',
    });
    expect((await cloud.call('DELETE', `/_sandbox/faults/${body.fault.id}`)).status).to.equal(204);
    expect((await cloud.call('GET', '/v2/account')).status).to.equal(200);
    await fault({ kind: 'error', path: '/v2/account', count: 9 });
    await cloud.call('DELETE', '/_sandbox/faults');
    expect((await cloud.call('GET', '/v2/account')).status).to.equal(200);
  });

  it('refuse a fault that they do not know', async () => {
    expect((await fault({ kind: 'meteor', path: '/v2/account' })).status).to.equal(422);
    expect((await fault({ kind: 'stall', path: '/v2/account' })).status).to.equal(422);
  });
});
