/** The templates as functions, by path. The source has none, and compiles them when they are used; the build puts them here (setup/bundle.mjs). */
export const READY: ReadonlyMap<string, object> = new Map();
