/**
 * Where a value of the resolved environment comes from. `path` is the dotted option it stands for, such as
 * `cluster.nodePools[0].size`.
 */
export type Origin =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly file: string;
      readonly line: number;
      readonly column: number;
    }
  | { readonly kind: 'platform'; readonly path: string; readonly platform: string }
  | { readonly kind: 'catalogue'; readonly path: string; readonly entry: string }
  /** The same on every platform. */
  | { readonly kind: 'ffops'; readonly path: string };

export interface Origins {
  /**
   * The origin of an option, by its dotted path. An option that holds others has the place where the file writes it, or
   * the origin of what is nearest above; the file's `platform` line when nothing of it is known.
   */
  of(path: string): Origin;
}
