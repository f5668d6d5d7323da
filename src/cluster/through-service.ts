/** What only pods reach, reached from this machine: through the API server, for as long as something is asked of it. */
import type { ClusterService } from '../model/blueprint.ts';
import type { Interruption } from '../ports/runner.ts';
import { toolFailed, type RunTool } from '../tools/call.ts';
import { forwardedPort, portForward, type ClusterPin } from '../tools/kubectl.ts';

/** Throws FailedError when nothing answers behind the service. */
export async function throughService<Value>(
  { run, interruption }: { readonly run: RunTool; readonly interruption: Interruption },
  pin: ClusterPin,
  service: ClusterService,
  work: (url: string) => Promise<Value>,
): Promise<Value> {
  const end = ending(interruption);
  let listens: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => void (listens = resolve));
  const forwarding = run('kubectl', {
    ...portForward(pin, service),
    interruption: end.interruption,
    onLine: (_, line) => {
      const port = forwardedPort(line);
      if (port !== undefined) listens(`http://127.0.0.1:${port}`);
    },
  });
  try {
    const first = await Promise.race([url, forwarding]);
    if (typeof first === 'string') return await work(first);
    throw toolFailed('cluster.serviceAway', `${service.namespace}/${service.name} is not reached`, first, [
      '`ffops status` shows whether it runs.',
    ]);
  } finally {
    end.ask();
    await forwarding;
  }
}

/** Ends a program that would go on for ever. A person's first Ctrl-C is not for it: what goes through it ends before it. */
function ending(person: Interruption): { readonly interruption: Interruption; ask(): void } {
  const listeners = new Set<() => void>();
  let requested = false;
  return {
    interruption: {
      get requested() {
        return requested;
      },
      get forced() {
        return person.forced;
      },
      onRequest: (listener) => {
        if (requested) listener();
        else listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      onForce: (listener) => person.onForce(listener),
    },
    ask: () => {
      requested = true;
      for (const listener of listeners) listener();
    },
  };
}
