/** Where a value of the resolved environment comes from. */
export type Origin =
  | { readonly kind: 'file'; readonly path: string; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'platform'; readonly path: string; readonly platform: string }
  | { readonly kind: 'catalogue'; readonly path: string; readonly entry: string };
// `path` is the dotted option it stands for, such as `cluster.nodePools[0].size`.
