import { join } from 'node:path';
import type { JsonObject } from '../model/blueprint.ts';
import { environmentJsonSchema } from '../model/jsonSchema.ts';
import type { Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import { catalogueOf } from './catalogue.ts';

/** Below the workspace, and from `environments/`: what the first line of each environment file names. */
export const SCHEMA_FILE = '.ffops/environment.schema.json';
export const SCHEMA_HEADER = `# yaml-language-server: $schema=../${SCHEMA_FILE}`;

export interface SchemaResult {
  readonly file: string;
  /** False when it was there already. */
  readonly written: boolean;
  readonly schema: JsonObject;
}

/** Publishes the JSON Schema of environments for editors; it follows the running ffops and the workspace's own apps. */
export async function publishSchema(
  ports: Pick<Ports, 'files'>,
  workspace: Pick<Workspace, 'root'>,
): Promise<SchemaResult> {
  const schema = environmentJsonSchema(await catalogueOf(ports, workspace));
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  const path = join(workspace.root, SCHEMA_FILE);
  const written = (await ports.files.read(path)) !== text;
  if (written) await ports.files.write(path, text, { durable: false });
  return { file: SCHEMA_FILE, written, schema };
}
