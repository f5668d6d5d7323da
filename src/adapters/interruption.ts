import type { Interruption } from '../ports/runner.ts';

export interface SignalInterruption extends Interruption {
  /** While a program owns the terminal, the keys belong to it; returns how to listen again. */
  pause(): () => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How long a forced stop may take before the process leaves anyway. */
const patienceMs = 5000;

/**
 * Turns Ctrl-C into a wish that grows: the first one asks to finish, the second one forces, a third leaves at once.
 * Listening starts here: a command that never makes one keeps Node's own behaviour and simply ends.
 */
export function listenForSignals(say: (line: string) => void): SignalInterruption {
  const onRequest = new Set<() => void>();
  const onForce = new Set<() => void>();
  let presses = 0;
  let paused = 0;

  const onSignal = (): void => {
    if (paused > 0) return;
    presses += 1;
    if (presses === 1) {
      say('finishing what is in flight; press Ctrl-C again to stop now');
      for (const listener of [...onRequest]) listener();
    } else if (presses === 2) {
      say('stopping now');
      setTimeout(() => process.exit(130), patienceMs).unref();
      for (const listener of [...onForce]) listener();
    } else {
      process.exit(130);
    }
  };
  for (const signal of signals) process.on(signal, onSignal);

  const subscribe = (listeners: Set<() => void>, already: boolean, listener: () => void): (() => void) => {
    listeners.add(listener);
    if (already) listener();
    return () => void listeners.delete(listener);
  };

  return {
    get requested() {
      return presses >= 1;
    },
    get forced() {
      return presses >= 2;
    },
    onRequest: (listener) => subscribe(onRequest, presses >= 1, listener),
    onForce: (listener) => subscribe(onForce, presses >= 2, listener),
    pause: () => {
      paused += 1;
      return () => void (paused -= 1);
    },
  };
}
