/** The candidate a person most likely meant, or nothing when none is near. */
export function nearest(wrong: string, candidates: Iterable<string>): string | undefined {
  const text = plain(wrong);
  let best: string | undefined;
  let bestDistance = allowance(text.length) + 1;
  for (const candidate of candidates) {
    const other = plain(candidate);
    if (Math.abs(other.length - text.length) >= bestDistance) continue;
    const distance = editDistance(text, other);
    if (distance >= bestDistance || distance >= other.length) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** How many slips of the hand a word of this length may hold. */
function allowance(length: number): number {
  if (length <= 4) return 1;
  return length <= 8 ? 2 : 3;
}

/** `root_domain`, `root-domain` and `RootDomain` are the same word to a person. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[-_\s]/g, '');
}

/** Damerau-Levenshtein, restricted: insertions, deletions, replacements, and swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, at(beforePrevious, column - 2) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] as number;
}
