/** The step between the databases' servers and the apps: what is missing of their databases is made. No plan speaks of it. */
import type { Blueprint, Provisioner, Stack } from '../model/blueprint.ts';
import { dropDatabase } from '../model/drop-database.ts';
import type { Leftover } from '../ports/cluster.ts';

/** Those that answer an app of these stacks, or whose server is one of them. */
export function provisionersOf(
  { databases, provisioners }: Blueprint,
  stacks: readonly Stack[],
): readonly Provisioner[] {
  const needed = new Set(stacks.flatMap((stack) => databasesOf(databases, stack)).map(({ engine }) => engine));
  return provisioners.filter(({ engine, stack }) => needed.has(engine) || stacks.some(({ name }) => name === stack));
}

/** The steps that a stack waits for, by name. */
export function stepsBefore(stack: Stack, { databases }: Blueprint, provisioners: readonly Provisioner[]): string[] {
  const engines = new Set(databasesOf(databases, stack).map(({ engine }) => engine));
  return provisioners.filter(({ engine }) => engines.has(engine)).map(stepName);
}

export function stepName({ cronJob }: Provisioner): string {
  return cronJob;
}

export function stepTitle({ databases }: Blueprint, { engine }: Provisioner): string {
  const owners = databases.filter((database) => database.engine === engine).map(({ owner }) => owner);
  return `databases of ${owners.join(', ')}`;
}

/** What the apps of a stack that goes leave in a server that stays. */
export function keptDatabases(
  { environment, provisioners }: Blueprint,
  stack: Stack,
  going: readonly Stack[] = [],
): readonly Leftover[] {
  const stays = (engine: Provisioner['engine']): boolean =>
    provisioners.some((one) => one.engine === engine && !going.some(({ name }) => name === one.stack));
  return (stack.databases ?? [])
    .filter(({ engine }) => stays(engine))
    .map((database) => ({
      kind: 'database',
      name: database.name,
      reason: `an app's data stays until somebody deletes it: \`${dropDatabase(environment, database)}\``,
    }));
}

function databasesOf(databases: Blueprint['databases'], stack: Stack): Blueprint['databases'] {
  return databases.filter(({ owner }) => stack.releases.some(({ entry }) => entry === owner));
}
