/** What the file says, types checked, before any default. */
import { toData } from './document.ts';
import type { MapNode } from './document.ts';
import { writtenEnvironmentSchema } from './environment.ts';
import type { WrittenEnvironment } from './environment.ts';
import { isGroup } from './merge.ts';
import { parsePath } from './path.ts';
import type { ProblemList } from './problemList.ts';
import type { Registry } from './registry.ts';
import { withEmptyGroups } from './schemas.ts';
import { unknownApp } from './unknownOptions.ts';
import type { Validation } from './validation.ts';

/** What is wrong goes to `problems` and is left out, so that the rest can be checked further. */
export function readWritten(
  root: MapNode,
  registry: Registry,
  validation: Validation,
  problems: ProblemList,
): WrittenEnvironment {
  const data = withEmptyGroups(writtenEnvironmentSchema, toData(root)) as Record<string, unknown>;
  const { apps } = data;
  if (isGroup(apps)) data['apps'] = readApps(apps, registry, validation, problems);
  if (Array.isArray(apps)) {
    refuseAppList(apps, problems);
    delete data['apps'];
  }
  const verdict = validation.check(writtenEnvironmentSchema, data, []);
  if (!verdict.fits) for (const complaint of verdict.complaints) problems.refuse(complaint);
  leaveOut(data, problems.refused);
  return data as WrittenEnvironment;
}

function readApps(
  apps: Readonly<Record<string, unknown>>,
  registry: Registry,
  validation: Validation,
  problems: ProblemList,
): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  for (const [id, written] of Object.entries(apps)) {
    const entry = registry.entries.get(id);
    if (entry?.kind !== 'app') {
      problems.refuse(unknownApp(id, registry));
      continue;
    }
    const options = withEmptyGroups(entry.options, written);
    known[id] = options;
    const verdict = isGroup(options) ? validation.check(entry.options, options, ['apps', id]) : undefined;
    if (verdict?.fits === false) for (const complaint of verdict.complaints) problems.refuse(complaint);
  }
  return known;
}

/** `apps: [wordpress, n8n]`, which many would write. */
function refuseAppList(list: readonly unknown[], problems: ProblemList): void {
  const names = list.map((item) => (isGroup(item) ? Object.keys(item)[0] : item));
  const first = names.find((name) => typeof name === 'string') ?? 'wordpress';
  problems.refuse({
    path: ['apps'],
    about: 'value',
    message: '`apps` must be a group with one entry per app; found a list.',
    hints: [`Write each app as a name with a colon: \`${first}:\`, and its options below it.`],
  });
  const seen = new Set<unknown>();
  for (const [index, name] of names.entries()) {
    if (typeof name === 'string' && seen.has(name)) {
      const message = `The app \`${name}\` is listed twice.`;
      problems.refuse({ path: ['apps', index], about: 'value', message, hints: ['Keep one of them.'] });
    }
    seen.add(name);
  }
}

/** Removes the refused options; one inside a list takes the whole list with it, so that positions stay true. */
function leaveOut(data: Record<string, unknown>, refused: ReadonlySet<string>): void {
  for (const path of refused) {
    const segments = parsePath(path);
    const list = segments.findIndex((segment) => typeof segment === 'number');
    const cut = list === -1 ? segments : segments.slice(0, list);
    const groups = cut.slice(0, -1);
    const parent = groups.reduce<unknown>((group, name) => (isGroup(group) ? group[String(name)] : undefined), data);
    if (isGroup(parent)) delete parent[String(cut.at(-1))];
  }
}
