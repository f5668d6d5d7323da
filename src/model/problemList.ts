/** The problems of one file as they are found: each gets its place, and nothing is told twice. */
import { UserError } from '../errors.ts';
import type { Place, Problem } from '../errors.ts';
import type { Complaint } from './complaints.ts';
import { nearestPlace, nodeAt } from './document.ts';
import type { MapNode } from './document.ts';
import { formatPath, parsePath } from './path.ts';
import type { Segments } from './path.ts';
import type { Finding } from './registry.ts';

const MAX_PROBLEMS = 100;

export class ProblemList {
  readonly #root: MapNode;
  readonly #problems: Problem[] = [];
  readonly #refused = new Set<string>();
  readonly #refusedGroups = new Set<string>();

  constructor(root: MapNode) {
    this.#root = root;
  }

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  /** Paths that cannot be used: what comes later says nothing more about them. */
  get refused(): ReadonlySet<string> {
    return this.#refused;
  }

  /** A written option cannot be used. */
  refuse(complaint: Complaint): void {
    this.#refused.add(formatPath(complaint.path));
    this.#refusedGroups.add(formatPath(complaint.path.slice(0, -1)));
    // Once an option is known to be another one misspelt, that other one is not missing.
    if (complaint.meant !== undefined) this.#refused.add(formatPath(complaint.meant));
    this.add({ ...complaint, path: formatPath(complaint.path) });
  }

  /** A check found something: news only when the option was not refused before. */
  report(finding: Finding): void {
    const path = parsePath(finding.path);
    if (!this.isRefused(path) && !this.#isMisspelt(path)) this.add(finding);
  }

  /** Told in any case. */
  add({ path, about = 'value', message, hints = [] }: Finding): void {
    const at = this.#placeOf(parsePath(path), about);
    this.#problems.push({ message: sentence(message), at, hints: hints.map(sentence) });
  }

  isRefused(path: Segments): boolean {
    return path.some((_, depth) => this.#refused.has(formatPath(path.slice(0, depth + 1))));
  }

  /** All of them, in file order. */
  failure(): UserError {
    const sorted = this.#problems.toSorted((a, b) => orderOf(a) - orderOf(b));
    const shown = sorted.slice(0, MAX_PROBLEMS);
    const last = shown.at(-1);
    const more = sorted.length - shown.length;
    if (last === undefined || more === 0) return new UserError('environment.invalid', shown);
    const rest = { ...last, message: `And ${more} more problems.`, hints: ['Correct these first.'] };
    return new UserError('environment.invalid', [...shown, rest]);
  }

  /** An option that is not there while its group has a refused one is most likely that one. */
  #isMisspelt(path: Segments): boolean {
    return nodeAt(this.#root, path) === undefined && this.#refusedGroups.has(formatPath(path.slice(0, -1)));
  }

  #placeOf(path: Segments, about: 'key' | 'value'): Place {
    return nearestPlace(this.#root, path, about) ?? platformPlace(this.#root);
  }
}

/** Where what is not written comes from: the choice of the platform. */
export function platformPlace(root: MapNode): Place {
  return root.entries.get('platform')?.keyAt ?? root.at;
}

/** Platforms and entries come from many hands; to people they speak with one voice. */
function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?:]$/.test(start) ? start : `${start}.`;
}

function orderOf({ at }: Problem): number {
  return at === undefined ? 0 : at.line * 1_000_000 + Math.min(at.column, 999_999);
}
