// Which folder may import which. docs/architecture.md says why; this file makes it true.
const core = ['errors', 'model'];
const files = ['errors', 'installed'];
const layers = {
  errors: [],
  installed: [],
  archives: [],
  model: ['errors', 'ports'],
  ports: ['errors', 'model'],
  platforms: [...core],
  catalogue: [...core],
  blueprint: [...core, 'platforms', 'catalogue'],
  render: [...core, 'installed', 'ports', 'archives'],
  tools: [...core, 'ports'],
  toolchain: [...core, 'installed', 'ports', 'tools', 'archives'],
  secrets: [...core, 'ports', 'tools'],
  cluster: [...core, 'ports', 'tools', 'secrets'],
  cloud: [...core, 'ports', 'platforms', 'secrets'],
  backups: [...core, 'ports', 'tools', 'secrets', 'catalogue', 'cloud', 'cluster'],
  engine: [...core, 'ports', 'tools', 'secrets'],
  sandbox: [...core, 'installed', 'ports', 'tools', 'toolchain', 'secrets', 'adapters', 'archives'],
  usecases: [
    ...core,
    'installed',
    'ports',
    'platforms',
    'catalogue',
    'blueprint',
    'render',
    'tools',
    'toolchain',
    'secrets',
    'cluster',
    'cloud',
    'backups',
    'engine',
    'sandbox',
  ],
  views: [...core, 'ports', 'usecases', 'engine', 'cluster', 'backups', 'secrets', 'toolchain'],
  adapters: [...core, 'installed', 'ports'],
};
const everything = [...Object.keys(layers), 'cli', 'commands'];
const folder = (name) => (files.includes(name) ? `^src/${name}[.]ts$` : `^src/${name}/`);

const layerRules = Object.entries(layers).map(([from, allowed]) => ({
  name: `${from}-imports`,
  severity: 'error',
  comment: `src/${from} may import: ${allowed.join(', ') || 'nothing of ffops'}.`,
  from: { path: folder(from) },
  to: { path: everything.filter((name) => name !== from && !allowed.includes(name)).map(folder) },
}));

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'commands-are-leaves',
      severity: 'error',
      comment: 'A command is parsed and handed over; nothing imports one.',
      from: { pathNot: '^src/commands/' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'effects-in-adapters',
      severity: 'error',
      comment:
        'execa, inquirer and the file system are reached through ports; rootDomain.ts takes isIP from node:net, which is pure.',
      from: { pathNot: ['^src/(adapters|sandbox|cli)/', '^src/model/rootDomain[.]ts$'] },
      to: {
        path: ['^(node:)?(fs|fs/promises|child_process|net|http|https|tls|dgram)$', 'node_modules/(execa|inquirer)/'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
