/** ffops.yaml: a few options, checked by hand so that quick commands need no schema library. */
import { UserError } from '../errors.ts';
import type { Place, Problem } from '../errors.ts';
import { describeNode, readDocument } from './document.ts';
import type { MapNode } from './document.ts';
import { isEnvironmentName } from './names.ts';
import { nearest } from './nearest.ts';
import { compareVersions, isVersion } from './versions.ts';

export interface WorkspaceFile {
  readonly name: string;
  readonly defaultEnvironment?: string;
  /** The oldest ffops that may work here, so that nobody of the team goes back behind the others. */
  readonly minimumVersion?: string;
  /** A Helm repository with every chart, for who cannot or will not ask those of their projects. */
  readonly chartMirror?: string;
}

const OPTIONS = ['name', 'defaultEnvironment', 'versions', 'charts'];

/** Throws UserError with every problem of the file; `version` is that of the running ffops. */
export function readWorkspaceFile(file: string, text: string, version: string): WorkspaceFile {
  const { root } = readDocument(file, text, 'workspace');
  const problems: Problem[] = [...unknown(root, OPTIONS, '')];

  const name = textOption(root, 'name', problems);
  if (root.entries.get('name') === undefined) {
    problems.push({
      message: '`name` is missing.',
      at: root.at,
      hints: ['It is part of the names of what ffops makes, such as the bucket of its state.'],
    });
  } else if (name !== undefined && !isEnvironmentName(name.value)) {
    problems.push({
      message: `The workspace cannot be called "${name.value}".`,
      at: name.at,
      hints: ['Use at most 32 lower-case letters, digits and hyphens.'],
    });
  }

  const chosen = textOption(root, 'defaultEnvironment', problems);
  if (chosen !== undefined && !isEnvironmentName(chosen.value)) {
    problems.push({
      message: `An environment cannot be called "${chosen.value}".`,
      at: chosen.at,
      hints: ['Write the name of a file below `environments/`, without `.yaml`.'],
    });
  }

  const minimum = minimumOf(root, version, problems);
  const mirror = mirrorOf(root, problems);
  if (problems.length > 0 || name === undefined) throw new UserError('workspace.invalid', problems);
  return {
    name: name.value,
    ...(chosen === undefined ? {} : { defaultEnvironment: chosen.value }),
    ...(minimum === undefined ? {} : { minimumVersion: minimum }),
    ...(mirror === undefined ? {} : { chartMirror: mirror }),
  };
}

function minimumOf(root: MapNode, version: string, problems: Problem[]): string | undefined {
  const versions = groupIn(root, 'versions', 'Such as `versions: {ffops: "0.1.0"}`.', problems);
  if (versions === undefined) return undefined;
  problems.push(...unknown(versions, ['ffops'], 'versions.'));
  const minimum = textOption(versions, 'ffops', problems, 'versions.');
  if (minimum === undefined) return undefined;
  if (!isVersion(minimum.value)) {
    problems.push({
      message: `\`versions.ffops\` must be a version such as "0.1.0"; found "${minimum.value}".`,
      at: minimum.at,
      hints: ['It is the oldest ffops that may work here.'],
    });
  } else if (compareVersions(version, minimum.value) < 0) {
    problems.push({
      message: `This workspace wants ffops ${minimum.value} or newer; this is ffops ${version}.`,
      at: minimum.at,
      hints: ['Update it: npm install --global ffops.'],
    });
  }
  return minimum.value;
}

function mirrorOf(root: MapNode, problems: Problem[]): string | undefined {
  const charts = groupIn(root, 'charts', 'Such as `charts: {mirror: https://charts.example.com}`.', problems);
  if (charts === undefined) return undefined;
  problems.push(...unknown(charts, ['mirror'], 'charts.'));
  const mirror = textOption(charts, 'mirror', problems, 'charts.');
  if (mirror !== undefined && !/^https?:\/\/[^/\s]/.test(mirror.value)) {
    problems.push({
      message: `\`charts.mirror\` must be the address of a Helm repository, with https:// or http://; found "${mirror.value}".`,
      at: mirror.at,
      hints: ['It serves `index.yaml` and the archives of every chart that the environments use.'],
    });
  }
  return mirror?.value;
}

function groupIn(root: MapNode, key: string, example: string, problems: Problem[]): MapNode | undefined {
  const group = root.entries.get(key)?.value;
  if (group === undefined || (group.kind === 'scalar' && group.value === null)) return undefined;
  if (group.kind === 'map') return group;
  problems.push({
    message: `\`${key}\` must be a group of options; found ${describeNode(group)}.`,
    at: group.at,
    hints: [example],
  });
  return undefined;
}

function unknown(map: MapNode, known: readonly string[], prefix: string): Problem[] {
  return [...map.entries]
    .filter(([key]) => !known.includes(key))
    .map(([key, { keyAt }]) => {
      const near = nearest(key, known);
      const hint = near === undefined ? `Options here: ${known.join(', ')}.` : `Did you mean \`${near}\`?`;
      return { message: `\`${prefix}${key}\` is not an option of the workspace file.`, at: keyAt, hints: [hint] };
    });
}

function textOption(
  map: MapNode,
  key: string,
  problems: Problem[],
  prefix = '',
): { value: string; at: Place } | undefined {
  const node = map.entries.get(key)?.value;
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && typeof node.value === 'string') return { value: node.value, at: node.at };
  const hint =
    node.kind === 'scalar' && node.value !== null
      ? `Put it between quotes: "${node.source}".`
      : 'Write a value, or remove the line.';
  problems.push({
    message: `\`${prefix}${key}\` must be text; found ${describeNode(node)}.`,
    at: node.at,
    hints: [hint],
  });
  return undefined;
}
