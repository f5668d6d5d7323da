import type { Clock } from '../ports/clock.ts';

export function realClock(): Clock {
  return {
    now: () => new Date(),
    sleep: (ms, interruption) =>
      new Promise((resolve) => {
        let stopListening: (() => void) | undefined;
        const wake = (): void => {
          clearTimeout(timer);
          stopListening?.();
          resolve();
        };
        const timer = setTimeout(wake, ms);
        stopListening = interruption?.onRequest(wake);
      }),
  };
}
