/**
 * Bitnami's charts and images were withdrawn once already, under everyone who relied on them: ffops installs none, wherever
 * one can be written.
 */
const NAME = /(^|[/.@:=])bitnami[a-z]*([/.:]|$)/i;

/** Whether a text is the name of one of theirs; prose that mentions them is not. */
export function isBitnami(text: string): boolean {
  return NAME.test(text) && !/\s/.test(text);
}
