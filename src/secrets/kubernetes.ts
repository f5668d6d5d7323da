/** The Kubernetes Secrets of an environment, with their values. */
import { Secret } from '../model/secret.ts';
import type { KubernetesSecret, SecretPart } from '../model/blueprint.ts';
import { partOf } from './certificate.ts';
import type { SecretReader } from './reader.ts';

/** Each key's text, put together from its parts. Throws UserError when a secret has no value. */
export async function resolveData(
  secret: KubernetesSecret,
  reader: SecretReader,
): Promise<ReadonlyMap<string, Secret>> {
  const data = new Map<string, Secret>();
  for (const [key, parts] of Object.entries(secret.data)) {
    const texts: string[] = [];
    for (const part of parts) texts.push(await textOf(part, reader));
    data.set(key, new Secret(texts.join('')));
  }
  return data;
}

async function textOf(part: SecretPart, reader: SecretReader): Promise<string> {
  if ('text' in part) return part.text;
  const value = await reader.get(part.secret);
  return (part.part === undefined ? value : partOf(value, part.part)).reveal();
}
