import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { registry } from '../blueprint/registry.ts';
import { refuseSharedClaims } from '../model/claims.ts';
import { loadEnvironment } from '../model/load.ts';
import { isEnvironmentName } from '../model/names.ts';
import { nearest } from '../model/nearest.ts';
import { environmentFile, type Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import { catalogueOf } from './catalogue.ts';
import { readableEnvironments } from './open-environment.ts';
import { publishSchema, SCHEMA_HEADER } from './schema-file.ts';

export interface EnvironmentCreateRequest {
  readonly workspace: Workspace;
  readonly name: string;
  /** Asked for when they are absent and somebody can answer. */
  readonly platform: string | undefined;
  readonly rootDomain: string | undefined;
}

export interface EnvironmentCreateResult {
  readonly name: string;
  readonly file: string;
  readonly platform: string;
  readonly rootDomain: string;
}

/** Throws UserError when the name is taken or impossible, or an answer is missing and nobody can be asked. */
export async function createEnvironment(
  ports: Pick<Ports, 'files' | 'terminal'>,
  { workspace, name, ...given }: EnvironmentCreateRequest,
): Promise<EnvironmentCreateResult> {
  const file = await freeFile(ports, workspace, name);
  const platform = given.platform ?? (await askPlatform(ports));
  const starter = starterOf(platform);
  const rootDomain = given.rootDomain ?? (await askDomain(ports));
  const text = `${SCHEMA_HEADER}\n# What is not written here has a default: \`ffops env show ${name}\` shows all of it.\n${starter(rootDomain)}`;
  // What is written is right from the start: a wrong domain is refused here, with nothing left behind.
  const others = await readableEnvironments(ports, workspace);
  const catalogue = await catalogueOf(ports, workspace);
  await loadEnvironment({ file, text, name, workspace: workspace.name, registry: catalogue })
    .then((made) => refuseSharedClaims(made, others))
    .catch(withoutPlaces);
  await ports.files.write(join(workspace.root, file), text);
  await publishSchema(ports, workspace);
  return { name, file, platform, rootDomain };
}

async function freeFile({ files }: Pick<Ports, 'files'>, { root }: Workspace, name: string): Promise<string> {
  if (!isEnvironmentName(name)) {
    throw new UserError('environment.name', {
      message: `An environment cannot be called "${name}".`,
      hints: ['Use at most 32 lower-case letters, digits and hyphens, such as prod or staging-2.'],
    });
  }
  const file = environmentFile(name);
  if ((await files.info(join(root, file))) === undefined) return file;
  throw new UserError('environment.exists', {
    message: `${file} is there already.`,
    hints: [`Look at it with \`ffops env show ${name}\`, or choose another name.`],
  });
}

function starterOf(id: string): (rootDomain: string) => string {
  const platform = registry.platforms.get(id);
  if (platform !== undefined) return (rootDomain) => platform.starter(rootDomain);
  const ids = [...registry.platforms.keys()];
  const near = nearest(id, ids);
  throw new UserError('platform.unknown', {
    message: `There is no platform \`${id}\`.`,
    hints: [near === undefined ? `Platforms: ${ids.join(', ')}.` : `Did you mean \`${near}\`?`],
  });
}

function askPlatform({ terminal }: Pick<Ports, 'terminal'>): Promise<string> {
  if (!terminal.interactive) throw unanswered('--platform', [...registry.platforms.keys()].join(' or '));
  const choices = [...registry.platforms.values()].map(({ id, title }) => ({ label: id, value: id, hint: title }));
  return terminal.select('Where does it run?', choices);
}

function askDomain({ terminal }: Pick<Ports, 'terminal'>): Promise<string> {
  if (!terminal.interactive) throw unanswered('--domain', 'a domain such as example.com');
  return terminal.input('Which domain do its host names end with?');
}

function unanswered(flag: string, what: string): UserError {
  return new UserError('usage.missing', { message: `\`${flag}\` is missing.`, hints: [`Give it ${what}.`] });
}

/** The file does not exist yet, so its lines mean nothing to anyone. */
function withoutPlaces(error: unknown): never {
  if (!(error instanceof UserError)) throw error;
  throw new UserError(
    error.code,
    error.problems.map(({ message, hints }) => ({ message, ...(hints && { hints }) })),
  );
}
