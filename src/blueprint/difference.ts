/** What one blueprint has and another has not: what a change of the environment file stands for, in things people know. */
import type { Blueprint, Database, Host, SecretWant, Volume } from '../model/blueprint.ts';

export interface Parts {
  /** `app-n8n`, or a shared one that comes with the first who needs it. */
  readonly stacks: readonly string[];
  readonly releases: readonly { readonly name: string; readonly namespace: string }[];
  readonly hosts: readonly Pick<Host, 'name' | 'purpose'>[];
  readonly databases: readonly Pick<Database, 'engine' | 'name' | 'user'>[];
  readonly volumes: readonly Pick<Volume, 'name' | 'namespace' | 'size'>[];
  readonly buckets: readonly string[];
  readonly schedules: readonly string[];
  readonly secrets: readonly {
    readonly name: string;
    readonly description: string;
    readonly supply: SecretWant['supply']['kind'];
  }[];
}

export interface BlueprintDifference {
  readonly added: Parts;
  readonly removed: Parts;
}

export function blueprintDifference(before: Blueprint, after: Blueprint): BlueprintDifference {
  return { added: partsBeyond(before, after), removed: partsBeyond(after, before) };
}

function partsBeyond(one: Blueprint, other: Blueprint): Parts {
  const releases = (blueprint: Blueprint) => blueprint.stacks.flatMap((stack) => stack.releases);
  return {
    stacks: beyond(one.stacks, other.stacks, ({ name }) => name).map(({ name }) => name),
    releases: beyond(releases(one), releases(other), placed).map(({ name, namespace }) => ({ name, namespace })),
    hosts: beyond(one.hosts, other.hosts, ({ name }) => name).map(({ name, purpose }) => ({ name, purpose })),
    databases: beyond(one.databases, other.databases, ({ engine, name }) => `${engine}/${name}`).map(
      ({ engine, name, user }) => ({ engine, name, user }),
    ),
    volumes: beyond(one.volumes, other.volumes, placed).map(({ name, namespace, size }) => ({ name, namespace, size })),
    buckets: beyond(one.buckets, other.buckets, ({ name }) => name).map(({ name }) => name),
    schedules: beyond(one.schedules, other.schedules, ({ name }) => name).map(({ name }) => name),
    secrets: beyond(one.secrets, other.secrets, ({ name }) => name).map(({ name, description, supply }) => ({
      name,
      description,
      supply: supply.kind,
    })),
  };
}

function placed({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function beyond<T>(one: readonly T[], other: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const known = new Set(one.map(keyOf));
  return other.filter((item) => !known.has(keyOf(item)));
}
