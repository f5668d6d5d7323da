import type { Clock } from '../ports/clock.ts';

export function realClock(): Clock {
  return {
    now: () => new Date(),
    sleep: (ms, interruption) =>
      new Promise((resolve) => {
        if (interruption?.requested) return resolve();
        const wake = (): void => {
          clearTimeout(timer);
          stopListening?.();
          resolve();
        };
        const timer = setTimeout(wake, ms);
        const stopListening = interruption?.onRequest(wake);
      }),
  };
}
