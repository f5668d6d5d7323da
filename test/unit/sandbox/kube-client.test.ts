import { expect } from 'chai';
import { KubeClient, KubeError } from '../../../src/sandbox/kubernetes/client.ts';
import { addressIn, kubeconfig } from '../../../src/sandbox/kubernetes/kubeconfig.ts';
import { GaveUp, waitFor } from '../../../src/sandbox/processes/wait.ts';

/** Nobody listens at that port. */
const NOWHERE = { server: 'https://127.0.0.1:1', certificateAuthority: '-- PEM --\n', token: 'secret' };

describe('a client of an API server', () => {
  it('keeps nobody waiting once it is closed', async () => {
    const client = new KubeClient({ ...NOWHERE, certificateAuthority: '' });
    let asked = 0;
    const waiting = waitFor('it never answers', 60_000, () => {
      asked += 1;
      return client.text('/readyz');
    });
    setTimeout(() => client.close(), 200);
    const began = Date.now();
    const caught = await waiting.catch((error: unknown) => error);
    expect(caught).to.be.instanceOf(GaveUp).and.not.instanceOf(KubeError);
    expect(Date.now() - began).to.be.below(5_000);
    expect(asked).to.be.above(1);
  });

  it('finds in a kubeconfig what was written there', () => {
    expect(addressIn(kubeconfig({ admin: NOWHERE }))).to.deep.equal(NOWHERE);
  });
});
