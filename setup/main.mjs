// The main job: the example's production, planned and applied in the sandbox with the real tools, ending in its status.
// On a terminal the sandbox is left running, so that one can look around; elsewhere it is stopped again.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const workspace = join(root, 'demo');
const look = process.stdout.isTTY === true;

if (!existsSync(workspace)) {
  cpSync(join(root, 'examples', 'fullfrontend'), workspace, {
    recursive: true,
    filter: (path) => !path.split('/').includes('.ffops'),
  });
}

const steps = [
  [
    'Bringing the tools this needs (the first time: builds from source where downloads are out of reach)',
    ['toolchain', 'install'],
  ],
  ['Rendering both environments', ['render', '-e', 'prod']],
  [undefined, ['render', '-e', 'dev']],
  ['Planning production, in the sandbox', ['plan', '-e', 'prod', '--sandbox']],
  ['Applying it', ['apply', '-e', 'prod', '--sandbox', '--yes']],
  ['How it is', ['status', '-e', 'prod', '--sandbox']],
];

let code = 0;
for (const [title, args] of steps) {
  if (title !== undefined) console.error(`\n— ${title}`);
  console.error(`  ffops ${args.join(' ')}`);
  code = ffops(args);
  if (code !== 0) break;
}
if (code === 0 && look) {
  const here = relative(process.cwd(), workspace) || '.';
  console.error(`\nThe sandbox is still running. Look around in ${here}:`);
  for (const line of [
    'plan -e prod --sandbox',
    'logs hello -e prod --sandbox',
    'destroy -e prod --sandbox',
    'sandbox stop',
  ]) {
    console.error(`  node bin/run.js ${line} --workspace ${here}`);
  }
} else {
  const stopped = ffops(['sandbox', 'stop']);
  code ||= stopped;
}
process.exit(code);

function ffops(args) {
  const full = [join(root, 'bin', 'run.js'), ...args, '--workspace', workspace];
  const result = spawnSync(process.execPath, full, { stdio: 'inherit', cwd: root });
  return result.status ?? (result.signal === 'SIGINT' ? 130 : 1);
}
