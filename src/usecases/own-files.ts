/** What a workspace's own apps bring beside their entry: `catalogue/<app>/values.yaml.hbs` and `catalogue/<app>/chart/`. */
import { join } from 'node:path';
import { messageOf, UserError, type Problem } from '../errors.ts';
import { listOwnApps } from '../model/workspace.ts';
import type { Files } from '../ports/files.ts';
import { chartFiles, packageChart, type PackagedChart } from '../render/charts.ts';
import { bareLines, compileTemplates, type Templates } from '../render/templates.ts';

const VALUES = 'values.yaml.hbs';
const CHART = 'chart';
const CODE = 'catalogue.files';

export interface OwnFiles {
  readonly templates: Templates;
  readonly charts: readonly PackagedChart[];
}

export interface TakenNames {
  readonly templates: readonly string[];
  readonly charts: ReadonlySet<string>;
}

/** Throws UserError with everything that is wrong with them. */
export async function ownFiles(files: Files, root: string, taken: TakenNames): Promise<OwnFiles> {
  const problems: Problem[] = [];
  const sources = new Map<string, string>();
  const origins = new Map<string, string>();
  const charts: PackagedChart[] = [];
  for (const [id, folder] of await listOwnApps(files, root)) {
    const file = `${folder}/${VALUES}`;
    const source = await files.read(join(root, file));
    if (source !== undefined) {
      const path = `helm-values/${id}.yaml`;
      const found = taken.templates.includes(path) ? [taking(file, `the values \`${id}\``)] : problemsOf(source, file);
      problems.push(...found);
      sources.set(path, source);
      origins.set(path, file);
    }
    const content = await chartFiles(files, join(root, folder, CHART));
    if (content.size > 0) {
      const chart = readChart(id, `${folder}/${CHART}/Chart.yaml`, content, taken);
      if ('message' in chart) problems.push(chart);
      else charts.push(chart);
    }
  }
  if (problems.length > 0) throw new UserError(CODE, problems);
  return { templates: telling(compileTemplates(sources), origins), charts };
}

function readChart(
  id: string,
  file: string,
  content: ReadonlyMap<string, Uint8Array>,
  { charts }: TakenNames,
): PackagedChart | Problem {
  const described = Buffer.from(content.get('Chart.yaml') ?? new Uint8Array()).toString('utf8');
  const name = /^name:\s*["']?([^"'\s]+)/m.exec(described)?.[1];
  const at = { file, line: 1, column: 1 };
  if (name !== id || !/^version:\s*\S/m.test(described))
    return { message: `${file} must have a version and the name \`${id}\`.`, at, hints: ['Name a chart as its app.'] };
  return charts.has(id) ? taking(file, `the chart \`${id}\``) : packageChart(content);
}

function taking(file: string, what: string): Problem {
  const at = { file, line: 1, column: 1 };
  return { message: `${file} would take the place of ${what} of ffops.`, at, hints: ['Give the app another name.'] };
}

/** What is printed without a helper could break out of its place in YAML. */
function problemsOf(source: string, file: string): readonly Problem[] {
  try {
    return bareLines(source).map((line) => ({
      message: `${file} prints a value as it is.`,
      at: { file, line, column: 1 },
      hints: ['Write `{{yaml value}}`, or `{{yamlText value}}` inside of a text.'],
    }));
  } catch (error) {
    return [unreadable(error, file)];
  }
}

function unreadable(error: unknown, file: string): Problem {
  const message = messageOf(error);
  const line = Number(/line (\d+)/.exec(message)?.[1] ?? (error as { lineNumber?: number }).lineNumber ?? 1);
  return {
    message: `${file} cannot be rendered: ${message.split('\n')[0]}`,
    at: { file, line, column: 1 },
    hints: ['It reads the `context` of its release, in which nothing may be undefined.'],
  };
}

/** A template that cannot be rendered is a mistake of its writer. */
function telling(templates: Templates, origins: ReadonlyMap<string, string>): Templates {
  return {
    paths: templates.paths,
    render: (path, context) => {
      try {
        return templates.render(path, context);
      } catch (error) {
        throw new UserError(CODE, unreadable(error, origins.get(path)!));
      }
    },
  };
}
