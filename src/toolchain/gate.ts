/** Lets work through as memory, cores and Go's own cache allow. */

export interface Weight {
  readonly memoryGb: number;
  /** Builds of one module share most packages: one after another the second is nearly free, together both compile all. */
  readonly module: string;
}

export interface Gate {
  pass<T>(weight: Weight, work: () => Promise<T>): Promise<T>;
}

interface Waiter extends Weight {
  readonly start: () => void;
}

export function gateOf(limits: { readonly memoryGb: number; readonly atOnce: number }): Gate {
  const running = new Set<Weight>();
  const waiting: Waiter[] = [];

  const mayStart = (next: Weight): boolean => {
    // Whatever the memory, one at a time is tried: swapping is slow, refusing is useless.
    if (running.size === 0) return true;
    if (running.size >= limits.atOnce) return false;
    const used = [...running].reduce((sum, { memoryGb }) => sum + memoryGb, 0);
    return used + next.memoryGb <= limits.memoryGb && ![...running].some(({ module }) => module === next.module);
  };

  const admit = (): void => {
    for (let index = 0; index < waiting.length;) {
      if (mayStart(waiting[index]!)) {
        const [next] = waiting.splice(index, 1);
        running.add(next!);
        next!.start();
      } else index++;
    }
  };

  return {
    async pass(weight, work) {
      let ticket: Weight | undefined;
      await new Promise<void>((resolve) => {
        const waiter: Waiter = { ...weight, start: resolve };
        ticket = waiter;
        waiting.push(waiter);
        admit();
      });
      try {
        return await work();
      } finally {
        running.delete(ticket!);
        admit();
      }
    },
  };
}
