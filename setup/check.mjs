// Everything that can be said about the code without running it. All of it runs, then the failures are listed.
import { spawnSync } from 'node:child_process';

const checks = [
  ['types and lint', 'node_modules/oxlint/bin/oxlint', ['--deny-warnings']],
  ['format', 'node_modules/oxfmt/bin/oxfmt', ['--check']],
  [
    'layers',
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    ['src', '--config', '.dependency-cruiser.mjs', '--output-type', 'err'],
  ],
  ['unused', 'node_modules/knip/bin/knip.js', ['--no-progress']],
];

const failed = [];
for (const [name, program, args] of checks) {
  const began = Date.now();
  const { status } = spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' });
  console.log(`  ${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(
    `Failed: ${failed.join(', ')}. \`npm run format\` repairs the format; the rest says above what it wants.`,
  );
  process.exit(1);
}
