/** What a plan would do, in the words of the environment: which option it comes from, and what it would lose. Pure. */
import { z } from 'zod';
import type { Stack, StackResource } from '../model/blueprint.ts';
import type { Origin } from '../model/origin.ts';
import type { TofuChange, TofuPlan, TofuResourceChange } from '../tools/tofu.ts';

export type ChangeAction = 'create' | 'update' | 'replace' | 'delete' | 'import' | 'forget';

export interface ResourceChange {
  readonly stack: string;
  readonly address: string;
  readonly type: string;
  /** For people; the address when the blueprint does not know the resource any more. */
  readonly title: string;
  readonly action: ChangeAction;
  readonly origin?: Origin;
  /** Set when the action loses it. */
  readonly losesData?: { readonly name: string; readonly what: string; readonly keep?: string };
  /** Set when the action leaves it: the volumes of a release outlive it. */
  readonly keepsData?: { readonly name: string; readonly what: string };
  readonly attributes: readonly AttributeChange[];
  /** Why OpenTofu replaces or deletes it, in its own word, such as `replace_because_tainted`. */
  readonly reason?: string;
}

export interface AttributeChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly forcesReplacement: boolean;
}

export interface Counts {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  readonly import: number;
}

const masked = '(sensitive)';
const later = '(known after apply)';

/** Types that are data themselves, or hold it: losing one is a loss even when nothing says any more what it was for. */
const holdingTypes =
  /^(digitalocean_(domain|spaces_bucket|volume|kubernetes_cluster|database_\w+|droplet)|helm_release)$/;

/** `applied`: the stack as it was last applied, which still knows what the environment does not mention any more. */
export function changesOf(stack: Stack, plan: TofuPlan, applied?: Stack): readonly ResourceChange[] {
  return plan.resource_changes.flatMap((planned) => {
    const action = actionOf(planned.change);
    if (planned.mode !== 'managed' || action === undefined) return [];
    const known = resourceAt(stack, planned.address) ?? (applied && resourceAt(applied, planned.address));
    const held = takesDataAway(action, planned) ? (known ? known.holdsData : unknownData(planned)) : undefined;
    const keeps = known !== undefined && planned.type === 'helm_release';
    return [
      {
        stack: stack.name,
        address: planned.address,
        type: planned.type,
        title: known?.title ?? planned.address,
        action,
        ...(known ? { origin: known.origin } : {}),
        ...(held && !keeps ? { losesData: held } : {}),
        ...(held && keeps && action === 'delete' ? { keepsData: held } : {}),
        attributes: attributesWorthTelling(action, planned.change),
        ...(planned.action_reason ? { reason: planned.action_reason } : {}),
      },
    ];
  });
}

/** Outputs that get another value: stacks that read them cannot be planned before. */
export function changedOutputs(plan: TofuPlan): readonly string[] {
  return Object.entries(plan.output_changes)
    .filter(([, change]) => change.actions.some((action) => action !== 'no-op'))
    .map(([name]) => name);
}

export function resourceAt(stack: Stack, address: string): StackResource | undefined {
  const bare = address.replace(/\[[^\]]*\]/g, '');
  return (
    stack.resources.find((resource) => resource.address === address) ??
    stack.resources.find((resource) => resource.address === bare)
  );
}

export function countChanges(changes: readonly ResourceChange[]): Counts {
  const counts = { create: 0, update: 0, replace: 0, delete: 0, import: 0 };
  for (const { action } of changes) if (action !== 'forget') counts[action] += 1;
  return counts;
}

function actionOf(change: TofuChange): ChangeAction | undefined {
  if (change.importing) return 'import';
  const [first, second] = change.actions;
  if (second !== undefined) return 'replace';
  return singleActions.find((action) => action === first);
}

/** The words of OpenTofu that change something; `no-op` and `read` do not. */
const singleActions = ['create', 'update', 'delete', 'forget'] as const;

/**
 * Every claim of a release that we know is told to stay, and whoever installs it again takes it up. Of a release that nobody
 * knows that much can be said only when it is replaced because its installation failed.
 */
function takesDataAway(action: ChangeAction, planned: TofuResourceChange): boolean {
  if (action === 'replace')
    return !(planned.type === 'helm_release' && planned.action_reason === 'replace_because_tainted');
  return action === 'delete';
}

function unknownData({ address, type, change }: TofuResourceChange): ResourceChange['losesData'] {
  if (!holdingTypes.test(type)) return undefined;
  const name = z.object({ name: z.string() }).safeParse(change.before).data?.name ?? address;
  return { name, what: `what ${address} holds, which the environment does not mention any more` };
}

/** Of something new, only what is set; what the cloud will fill in says nothing. */
function attributesWorthTelling(action: ChangeAction, change: TofuChange): readonly AttributeChange[] {
  if (action === 'delete') return [];
  const changes = attributeChanges(change);
  return action === 'create' ? changes.filter(({ after }) => after !== later) : changes;
}

function attributeChanges(change: TofuChange): readonly AttributeChange[] {
  const replacing = new Set((change.replace_paths ?? []).map((path) => path.join('.')));
  const found: AttributeChange[] = [];
  const visit = (
    path: readonly (string | number)[],
    before: unknown,
    after: unknown,
    unknown: unknown,
    secretBefore: unknown,
    secretAfter: unknown,
  ): void => {
    if (isBranch(before) || isBranch(after) || isBranch(unknown)) {
      const keys = new Set([...keysOf(before), ...keysOf(after), ...keysOf(unknown)]);
      // A list that does not exist on one side is still told attribute by attribute: that is what people compare.
      for (const key of keys) {
        visit(
          [...path, key],
          at(before, key),
          at(after, key),
          at(unknown, key),
          at(secretBefore, key),
          at(secretAfter, key),
        );
      }
      return;
    }
    if (unknown !== true && same(before, after)) return;
    const name = path.join('.');
    const hidden = secretBefore === true || secretAfter === true;
    found.push({
      path: name,
      before: hidden ? masked : written(before),
      after: unknown === true ? later : hidden ? masked : written(after),
      forcesReplacement: [...replacing].some((other) => name === other || name.startsWith(`${other}.`)),
    });
  };
  visit(
    [],
    change.before ?? {},
    change.after ?? {},
    change.after_unknown,
    change.before_sensitive,
    change.after_sensitive,
  );
  return found;
}

function isBranch(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function keysOf(value: unknown): readonly string[] {
  return isBranch(value) ? Object.keys(value as object) : [];
}

/** A mask or an "unknown" that covers a whole branch covers everything below it. */
function at(value: unknown, key: string): unknown {
  if (value === true) return true;
  return isBranch(value) ? (value as Record<string, unknown>)[key] : undefined;
}

function same(before: unknown, after: unknown): boolean {
  return (before ?? null) === (after ?? null);
}

function written(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
