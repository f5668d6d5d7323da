/** What a value may look like where it lies in clear: as it is, and in the encodings that configuration and state use. Pure. */
import type { Secret } from '../model/secret.ts';

export type Form = 'as it is' | 'in base64' | 'URL-encoded' | 'in JSON';

export interface Needle {
  readonly name: string;
  readonly form: Form;
  readonly text: string;
}

/** A shorter value occurs by chance. */
export const SHORTEST = 8;

export function needlesOf(values: ReadonlyMap<string, Secret>): readonly Needle[] {
  return [...values].flatMap(([name, secret]) => {
    const value = secret.reveal();
    if (value.length < SHORTEST) return [];
    const texts = new Map<string, Form>([
      ...[...base64(value), ...base64(value).map(urlSafe)].map((text) => [text, 'in base64'] as const),
      ...inJson(value).map((text) => [text, 'in JSON'] as const),
      ...inUrl(value).map((text) => [text, 'URL-encoded'] as const),
      [value, 'as it is'],
    ]);
    return [...texts].map(([text, form]) => ({ name, form, text }));
  });
}

/** The first form of each value that is in the text. */
export function found(needles: readonly Needle[], text: string): readonly Needle[] {
  const names = new Map<string, Needle>();
  for (const needle of needles)
    if (!names.has(needle.name) && text.includes(needle.text)) names.set(needle.name, needle);
  return [...names.values()];
}

/** By itself and inside of something longer: a byte more before it shifts every letter, and those at the ends are shared. */
function base64(value: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const letters = bytes.toString('base64').replace(/=+$/, '');
    return letters.slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 ? undefined : -1);
  });
}

/** Go, and with it OpenTofu and Kubernetes, also escapes what HTML would read. */
function inJson(value: string): readonly string[] {
  const text = JSON.stringify(value).slice(1, -1);
  const escaped = (mark: string): string => `\\u00${mark.charCodeAt(0).toString(16)}`;
  return [text, text.replace(/[<>&]/g, escaped)];
}

/** In a path or a password, and in a query or a form. */
function inUrl(value: string): readonly string[] {
  const text = encodeURIComponent(value);
  const strict = text.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  return [text, strict, strict.replaceAll('%20', '+')];
}

function urlSafe(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_');
}
