/** Files of `catalogue/board/`: the smallest app there is, with a chart and values of its own. */
export const OWN_CHART: Readonly<Record<string, string>> = {
  'entry.ts': `import { z, type AppEntry } from 'ffops/catalogue';
import { greeting } from './greeting.ts';
const options = z.strictObject({ name: z.string().default('world').describe('Who is greeted.') });
export const board: AppEntry = {
  id: 'board', kind: 'app', home: 'app', title: 'Board', summary: 'A board', version: '1.0.0', questions: ['name'], options,
  costs: () => ({ memoryMi: 16, diskGi: 0 }),
  contribute: ({ environment, origins, namespace }) => ({
    releases: [{
      name: 'board', namespace, entry: 'board', chart: { kind: 'first-party', name: 'board' }, values: 'board',
      context: { text: greeting(options.parse(environment.apps.board).name) },
      timeoutSeconds: 60, after: [], reads: [], origin: origins.of('apps.board'), workloads: false,
    }],
  }),
};
`,
  'greeting.ts': 'export const greeting = (name: string): string => `Hello: ${name}`;\n',
  'values.yaml.hbs': 'text: {{yaml text}}\n',
  'chart/Chart.yaml': 'apiVersion: v2\nname: board\nversion: 0.1.0\n',
  'chart/templates/text.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: board }\ndata: { text: {{ .Values.text | quote }} }\n',
};
