/** Chance that can be repeated: the same seed throws the same dice, on every machine. */
export interface Dice {
  /** From 0 up to, not including, 1. */
  next(): number;
  pick<Value>(values: readonly Value[]): Value;
  shuffle<Value>(values: readonly Value[]): Value[];
}

/** The mulberry32 generator: 32 bits of state, good enough to choose a moment. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = <Value>(values: readonly Value[]): Value => {
    if (values.length === 0) throw new Error('There is nothing to choose from.');
    return values[Math.floor(next() * values.length)]!;
  };
  return {
    next,
    pick,
    shuffle: (values) => {
      const left = [...values];
      return values.map(() => left.splice(Math.floor(next() * left.length), 1)[0]!);
    },
  };
}

/** What FFOPS_CHAOS_SEED and FFOPS_CHAOS_RUNS say; without them the clock chooses, and what it chose is said. */
export function chaosWish(variables: Readonly<Record<string, string | undefined>>, runs: number): readonly number[] {
  const first = Number(variables['FFOPS_CHAOS_SEED'] ?? Date.now() % 1_000_000);
  const wanted = Number(variables['FFOPS_CHAOS_RUNS'] ?? runs);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(wanted) || wanted < 1)
    throw new Error('FFOPS_CHAOS_SEED and FFOPS_CHAOS_RUNS are whole numbers.');
  console.log(
    `      seeds ${first} to ${first + wanted - 1}; again: FFOPS_CHAOS_SEED=${first} FFOPS_CHAOS_RUNS=${wanted}`,
  );
  return Array.from({ length: wanted }, (_, index) => first + index);
}
