/** A change of an environment file that adds an app or takes one out: shown before it is made, and made in one step. */
import { join } from 'node:path';
import { blueprintDifference, type BlueprintDifference } from '../blueprint/difference.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { Ports } from '../ports/ports.ts';
import type { Terminal } from '../ports/terminal.ts';
import type { AppPlace, EnvironmentSource } from './apps.ts';
import { blueprintOf, openText, type OpenedEnvironment } from './open-environment.ts';
import type { RenderKit } from './render-inputs.ts';
import { render } from './render.ts';
import { publishSchema } from './schema-file.ts';

export type { Parts } from '../blueprint/difference.ts';

export interface FileChange {
  readonly file: string;
  /** As a unified diff, without its header. */
  readonly diff: readonly string[];
  readonly difference: BlueprintDifference;
}

export interface PreparedChange extends FileChange {
  readonly after: OpenedEnvironment;
  readonly blueprint: Blueprint;
  /** Writes the file. */
  write(): Promise<void>;
}

/** Writes nothing. Throws UserError when the file would be wrong with it. */
export async function prepareChange(
  { files }: Pick<Ports, 'files'>,
  { workspace }: AppPlace,
  before: EnvironmentSource,
  text: string,
): Promise<PreparedChange> {
  const { file, name, catalogue } = before;
  const after = await openText(catalogue, workspace, { name, file, text });
  const blueprint = blueprintOf(workspace, after);
  return {
    file,
    diff: await diffOf(before.text, text),
    difference: blueprintDifference(blueprintOf(workspace, before), blueprint),
    after,
    blueprint,
    write: () => files.write(join(workspace.root, file), text),
  };
}

/** Whether somebody is there to answer, and wants to be asked. */
export function asksFor({ interactive }: Pick<Terminal, 'interactive'>, { yes }: { readonly yes: boolean }): boolean {
  return interactive && !yes;
}

/** Where nobody is asked, whoever typed the command has agreed; else they see what it means before. */
export async function agreed(
  terminal: Terminal,
  request: { readonly yes: boolean },
  question: string,
  show: () => void,
): Promise<boolean> {
  if (!asksFor(terminal, request)) return true;
  show();
  return await terminal.confirm(question, { initial: true });
}

/** What rendering the changed environment needs; asked for once the change is agreed to. */
export interface RenderHands {
  readonly kit: () => Promise<RenderKit>;
  readonly surroundings: () => Promise<Surroundings>;
}

/** The stacks follow the file, and the schema that its editor knows. */
export async function renderAgain(
  ports: Pick<Ports, 'files'>,
  { workspace }: Pick<AppPlace, 'workspace'>,
  { kit, surroundings }: RenderHands,
  blueprint: Blueprint,
): Promise<void> {
  await render(ports, { blueprint, surroundings: await surroundings(), kit: await kit(), check: false });
  await publishSchema(ports, workspace);
}

async function diffOf(before: string, after: string): Promise<readonly string[]> {
  const { structuredPatch } = await import('diff');
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 3 });
  return hunks.flatMap(({ oldStart, lines }) => [`@@ line ${oldStart} @@`, ...lines]);
}
