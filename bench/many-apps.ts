/** Environments of any size: the small app of the catalogue, under as many names as it takes (bench/ffops.mjs). */

export function appNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `app${String(index + 1).padStart(4, '0')}`);
}

export function environmentFile(platform: 'doks' | 'local', names: readonly string[]): string {
  const cluster = platform === 'doks' ? '  region: ams3\n' : '  context: docker-desktop\n';
  return [
    `platform: ${platform}`,
    'rootDomain: example.be',
    'cluster:',
    `  name: bench\n${cluster}`.trimEnd(),
    ...(platform === 'doks' ? ['tls:', '  email: ops@example.be'] : []),
    'apps:',
    ...names.map((name) => `  ${name}: {}`),
    '',
  ].join('\n');
}
