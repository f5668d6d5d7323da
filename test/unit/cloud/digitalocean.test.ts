import { expect } from 'chai';
import { digitalOcean } from '../../../src/cloud/digitalocean.ts';
import { FailedError } from '../../../src/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { HttpResponse, Network } from '../../../src/ports/network.ts';
import { fakeClock } from '../../support/fakes.ts';

type Answer = Error | { readonly status: number; readonly body?: object };

/** Gives the answers in turn, and fails when asked more often. */
function answering(...answers: Answer[]): Network & { readonly left: () => number } {
  return {
    left: () => answers.length,
    request: async (): Promise<HttpResponse> => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error('asked once too often');
      if (answer instanceof Error) throw answer;
      return { status: answer.status, headers: {}, body: Buffer.from(JSON.stringify(answer.body ?? {})) };
    },
    resolve: () => Promise.reject(new Error('nobody asks for names')),
  };
}

const silence = new FailedError('network.noAnswer', { message: 'no answer' });
const vpcs = { status: 200, body: { vpcs: [{ id: 'v1', name: 'shop' }] } };

function api(network: Network) {
  return digitalOcean({ network, clock: fakeClock() }, 'http://127.0.0.1:1', new Secret('canary'));
}

describe('reading from DigitalOcean', () => {
  for (const [what, fault] of [
    ['no answer', silence],
    ['a rate limit', { status: 429 }],
    ['an error of the server', { status: 503 }],
  ] as const) {
    it(`waits ${what} out`, async () => {
      const network = answering(fault, fault, vpcs);
      expect((await api(network).list('vpcs')).map(({ id }) => id)).to.deep.equal(['v1']);
      expect(network.left()).to.equal(0);
    });
  }

  it('gives up after three tries, and says why', async () => {
    const error: unknown = await api(answering(silence, { status: 502 }, { status: 502 }))
      .list('vpcs')
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(FailedError);
    expect((error as Error).message).to.include('502');
  });

  it('takes no for an answer at once', async () => {
    const network = answering({ status: 401 });
    const error: unknown = await api(network)
      .list('vpcs')
      .catch((thrown: unknown) => thrown);
    expect((error as Error).message).to.include('401');
  });
});
