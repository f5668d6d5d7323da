/** What only pods reach: the way there is open for as long as something is asked, and no longer. */
import { expect } from 'chai';
import { throughService } from '../../../src/cluster/through-service.ts';
import type { Interruption, Outcome } from '../../../src/ports/runner.ts';
import type { RunTool, ToolCall } from '../../../src/tools/call.ts';
import { failure, pin } from './harness.ts';

const service = { namespace: 'infra', name: 'object-storage', port: 9000 };
const person: Interruption = {
  requested: true,
  forced: false,
  onRequest: (listener) => (listener(), () => undefined),
  onForce: () => () => undefined,
};

/** A kubectl that says these lines and goes on until it is told to stop, or ends by itself. */
function aKubectl(lines: readonly string[], end?: Partial<Outcome>) {
  const calls: ToolCall[] = [];
  let running = false;
  const run: RunTool = async (tool, call) => {
    expect(tool).to.equal('kubectl');
    calls.push(call);
    running = true;
    for (const line of lines) call.onLine?.('stdout', line);
    if (end === undefined) await new Promise<void>((resolve) => void call.interruption?.onRequest(resolve));
    running = false;
    return { exitCode: 0, stdout: '', stderr: '', durationMs: 0, timedOut: false, ...end };
  };
  return { run, calls, isRunning: () => running };
}

describe('a way through the cluster', () => {
  it('is open while something is asked, at a port that nobody else has, and closed after', async () => {
    const kubectl = aKubectl(['Forwarding from 127.0.0.1:43127 -> 9000']);
    const answer = await throughService({ run: kubectl.run, interruption: person }, pin, service, async (url) => {
      expect(kubectl.isRunning(), 'a first Ctrl-C lets it be').to.equal(true);
      return `asked ${url}`;
    });
    expect(answer).to.equal('asked http://127.0.0.1:43127');
    expect(kubectl.isRunning()).to.equal(false);
    expect(kubectl.calls[0]?.args.join(' ')).to.equal(
      `--kubeconfig ${pin.kubeconfig} --context ${pin.context} port-forward --namespace infra --address 127.0.0.1 service/object-storage :9000`,
    );
  });

  it('is closed when what was asked fails', async () => {
    const kubectl = aKubectl(['Forwarding from 127.0.0.1:43127 -> 9000']);
    const asked = throughService({ run: kubectl.run, interruption: person }, pin, service, () =>
      Promise.reject(new Error('refused')),
    );
    expect((await failure(asked)).message).to.equal('refused');
    expect(kubectl.isRunning()).to.equal(false);
  });

  it("that leads nowhere is told with kubectl's own words", async () => {
    const stderr = 'error: unable to forward port because pod is not running. Current status=Pending\n';
    const kubectl = aKubectl([], { exitCode: 1, stderr });
    const asked = throughService({ run: kubectl.run, interruption: person }, pin, service, async () => 'never');
    const { code, message } = await failure(asked);
    expect(code).to.equal('cluster.serviceAway');
    expect(message).to.include('infra/object-storage').and.include('Current status=Pending');
  });
});
