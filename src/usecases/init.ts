import { basename, join, relative, resolve } from 'node:path';
import { FfopsError, UserError } from '../errors.ts';
import { packageFolder } from '../installed.ts';
import { isEnvironmentName } from '../model/names.ts';
import { rootDomainFlaw } from '../model/rootDomain.ts';
import { listEnvironments, openWorkspace, WORKSPACE_FILE, type Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import type { ToolName } from '../tools/call.ts';
import { environmentHands } from './environment-hands.ts';
import { blueprintOf, openEnvironment } from './open-environment.ts';
import { publishSchema } from './schema-file.ts';
import { initSecrets } from './secrets.ts';
import { ageKeyFile, realSurroundings } from './surroundings.ts';

/** The workspaces that ffops is tested with. */
export const templates = ['minimal', 'fullfrontend'] as const;
export type Template = (typeof templates)[number];

export interface InitRequest {
  /** Absolute; made when it is not there. */
  readonly folder: string;
  readonly template: Template;
  /** The folder's own name when absent. */
  readonly name: string | undefined;
  /** What production is served under. Asked for when it is absent and somebody can answer. */
  readonly domain: string | undefined;
  /** Nothing is asked: a domain that belongs to nobody stands in. */
  readonly yes: boolean;
  /** Version of the running ffops. */
  readonly version: string;
  /** The file of a tool. Throws ToolMissingError. */
  readonly tool: (name: ToolName) => Promise<string>;
}

export interface InitResult {
  readonly folder: string;
  readonly name: string;
  readonly template: Template;
  /** Of production. */
  readonly domain: string;
  /** Relative to the folder, sorted. */
  readonly files: readonly string[];
  readonly environments: readonly string[];
  readonly secrets: InitSecrets;
}

export type InitSecrets =
  | {
      readonly made: true;
      readonly ageKeyFile: string;
      /** False when an identity of an earlier workspace was there, and serves. */
      readonly createdKey: boolean;
      /** The encrypted files and the rule that names who opens them, relative to the folder. */
      readonly files: readonly string[];
      /** Of each environment: the names of the secrets only a person can supply. */
      readonly missing: Readonly<Record<string, readonly string[]>>;
    }
  | { readonly made: false; readonly why: string };

/** Throws UserError when something is there already, before anything is written. */
export async function init(ports: Ports, request: InitRequest): Promise<InitResult> {
  const { folder, template } = request;
  const name = workspaceName(request.name ?? basename(folder), request.name !== undefined);
  const source = await templateFiles(ports, template, name);
  await refuseOverwriting(ports, folder, [...source.keys()]);
  refuseKeyInside(ageKeyFile(ports.variables, name), folder);
  const domain = await domainOf(ports, request);
  for (const [path, text] of source) await ports.files.write(join(folder, path), withDomain(text, domain));
  await ignoreWorkingFiles(ports, folder);
  await publishSchema(ports, { root: folder });

  const workspace = await openWorkspace(ports.files, { folder, from: folder, version: request.version });
  const environments = await listEnvironments(ports.files, folder);
  const secrets = await firstSecrets(ports, workspace, environments, request);
  const files = [...source.keys(), GITIGNORE, ...(secrets.made ? secrets.files : [])].sort();
  return { folder, name, template, domain, files, environments, secrets };
}

const GITIGNORE = '.gitignore';
const IGNORED = '.ffops/';

function workspaceName(wanted: string, given: boolean): string {
  const name = given
    ? wanted
    : wanted
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 32);
  if (isEnvironmentName(name)) return name;
  throw new UserError('workspace.name', {
    message: `A workspace cannot be called "${wanted}".`,
    hints: ['Give it a name of lower-case letters, digits and hyphens: --name NAME.'],
  });
}

/** The template with the workspace's own name in it. */
async function templateFiles(
  { files }: Pick<Ports, 'files'>,
  template: Template,
  name: string,
): Promise<Map<string, string>> {
  const root = join(packageFolder('examples'), template);
  const found = new Map<string, string>();
  const collect = async (below: string): Promise<void> => {
    for (const entry of await files.list(join(root, below))) {
      const path = join(below, entry);
      if (entry.startsWith('.')) continue;
      if ((await files.info(join(root, path)))?.kind === 'directory') await collect(path);
      else found.set(path, (await files.read(join(root, path))) ?? '');
    }
  };
  await collect('');
  const described = found.get(WORKSPACE_FILE) ?? '';
  return found.set(WORKSPACE_FILE, described.replace(/^name: .*$/m, `name: ${name}`));
}

/** Reserved for examples by IANA: nobody's zone is touched by mistake, and no certificate is given for it. */
const NOBODYS_DOMAIN = 'example.com';

async function domainOf(
  { terminal }: Pick<Ports, 'terminal'>,
  { domain, yes }: Pick<InitRequest, 'domain' | 'yes'>,
): Promise<string> {
  if (domain === undefined && (yes || !terminal.interactive)) return NOBODYS_DOMAIN;
  const wanted =
    domain ?? (await terminal.input('Which domain is production served under?', { initial: NOBODYS_DOMAIN }));
  const flaw = await rootDomainFlaw(wanted, true);
  if (flaw === undefined) return wanted;
  throw new UserError('workspace.domain', {
    message: flaw.message.replace('`rootDomain`', 'The domain'),
    hints: flaw.hints,
  });
}

/** The domains that the templates are written with: what is served, and what a laptop calls it. */
const WRITTEN = { served: /\b(fullfrontend\.be|example\.com)\b/g, local: /\b(fullfrontend|example)\.kube\b/g };

function withDomain(text: string, domain: string): string {
  return text.replace(WRITTEN.served, domain).replace(WRITTEN.local, `${domain.split('.')[0]}.kube`);
}

async function refuseOverwriting(
  { files }: Pick<Ports, 'files'>,
  folder: string,
  paths: readonly string[],
): Promise<void> {
  const target = await files.info(folder);
  if (target !== undefined && target.kind !== 'directory') {
    throw new UserError('workspace.exists', {
      message: `${folder} is a file; a workspace is a folder.`,
      hints: ['Name another one: ffops init DIR.'],
    });
  }
  for (const path of paths) {
    if ((await files.info(join(folder, path))) === undefined) continue;
    throw new UserError('workspace.exists', {
      message: `${join(folder, path)} is there already; ffops overwrites nothing.`,
      hints: ['Name an empty folder: ffops init DIR.'],
    });
  }
}

/** Committed by mistake, the key would open every secret that is committed on purpose. */
function refuseKeyInside(keyFile: string, folder: string): void {
  if (relative(folder, resolve(keyFile)).startsWith('..')) return;
  throw new UserError('workspace.keyInside', {
    message: `The age key would lie in the workspace: SOPS_AGE_KEY_FILE is ${keyFile}.`,
    hints: ['Name a file outside of every repository, or leave SOPS_AGE_KEY_FILE out.'],
  });
}

async function ignoreWorkingFiles({ files }: Pick<Ports, 'files'>, folder: string): Promise<void> {
  const path = join(folder, GITIGNORE);
  const text = (await files.read(path)) ?? '';
  if (text.split(/\r?\n/).includes(IGNORED)) return;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await files.write(path, `${before}# What ffops makes of the files beside this one.\n${IGNORED}\n`);
}

/** An identity, its rule and the generated values. Without the tools the workspace is whole, and says what is left to do. */
async function firstSecrets(
  ports: Ports,
  workspace: Workspace,
  environments: readonly string[],
  { tool }: Pick<InitRequest, 'tool'>,
): Promise<InitSecrets> {
  const missing: Record<string, readonly string[]> = {};
  const written = new Set<string>();
  let createdKey = false;
  let keyFile = '';
  try {
    for (const name of environments) {
      const blueprint = blueprintOf(workspace, await openEnvironment(ports, workspace, name));
      const surroundings = realSurroundings(ports, workspace, name);
      const hands = environmentHands(ports, { blueprint, surroundings, workspace: workspace.root, tool });
      const made = await initSecrets(ports, { hands, wants: blueprint.secrets });
      const { configFile, secretsFile } = hands.store.place;
      for (const path of [configFile, secretsFile]) written.add(relative(workspace.root, path));
      createdKey ||= made.createdIdentity;
      keyFile = made.ageKeyFile;
      missing[name] = made.missing.map((finding) => finding.name);
    }
    return { made: true, ageKeyFile: keyFile, createdKey, files: [...written], missing };
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    return { made: false, why: error.message };
  }
}
