import { expect } from 'chai';
import { KubeError } from '../../../src/sandbox/kubernetes/client.ts';
import { Reconciler } from '../../../src/sandbox/kubernetes/reconciler.ts';

const settle = (ms = 20): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a reconciler', () => {
  it('never works on a key twice at once, and once more when it was enqueued meanwhile', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const reconciler = new Reconciler(
      async () => {
        most = Math.max(most, ++running);
        runs++;
        await settle(5);
        running--;
      },
      () => undefined,
    );
    for (let count = 0; count < 5; count++) reconciler.enqueue('a');
    await settle(60);
    expect(most).to.equal(1);
    expect(runs).to.equal(2);
  });

  it('works on different keys side by side', async () => {
    const order: string[] = [];
    const reconciler = new Reconciler(
      async (key) => {
        order.push(`begin ${key}`);
        await settle(5);
        order.push(`end ${key}`);
      },
      () => undefined,
    );
    reconciler.enqueue('a');
    reconciler.enqueue('b');
    await settle(40);
    expect(order.slice(0, 2)).to.deep.equal(['begin a', 'begin b']);
  });

  it('tries again what failed, and says so', async () => {
    const reports: string[] = [];
    let runs = 0;
    const reconciler = new Reconciler(
      async () => {
        if (++runs === 1) throw new Error('not yet');
      },
      (message) => reports.push(message),
    );
    reconciler.enqueue('a');
    await settle(200);
    expect(runs).to.equal(2);
    expect(reports).to.deep.equal(['a: not yet']);
  });

  it('tries a conflict again without a word', async () => {
    const reports: string[] = [];
    let runs = 0;
    const reconciler = new Reconciler(
      async () => {
        if (++runs === 1) throw new KubeError(409, 'somebody was faster');
      },
      (message) => reports.push(message),
    );
    reconciler.enqueue('a');
    await settle(200);
    expect(runs).to.equal(2);
    expect(reports).to.deep.equal([]);
  });

  it('does nothing more once it is stopped', async () => {
    let runs = 0;
    const reconciler = new Reconciler(
      async () => {
        runs++;
        throw new Error('never');
      },
      () => undefined,
    );
    reconciler.enqueue('a');
    await settle(5);
    reconciler.stop();
    reconciler.enqueue('b');
    await settle(200);
    expect(runs).to.equal(1);
  });
});
