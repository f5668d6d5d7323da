/** Go's command line: how ffops builds tools, and what it makes of Go's complaints. */
import { z } from 'zod';

export const go = {
  version: (): string[] => ['env', 'GOVERSION'],
  /** `-v` names each package as it is compiled, which is all the progress there is. */
  build: (options: {
    readonly output: string;
    readonly package: string;
    readonly flags: readonly string[];
  }): string[] => ['build', '-v', ...options.flags, '-o', options.output, options.package],
  /** Outside any module: the checksum database vouches for what is downloaded. */
  download: (module: string): string[] => ['mod', 'download', '-json', module],
};

/** What determines a build, apart from the module and the program in it. */
export function buildFlags(set: Readonly<Record<string, string>>): string[] {
  const linker = ['-s', '-w', ...Object.entries(set).map(([name, value]) => `-X ${name}=${value}`)];
  return ['-trimpath', '-mod=readonly', '-ldflags', linker.join(' ')];
}

const download = z.object({ Dir: z.string().optional(), Error: z.string().optional() });

/** The folder of a downloaded module, or why there is none. */
export function downloadedFolder(stdout: string): { readonly folder: string } | { readonly error: string } {
  const start = stdout.indexOf('{');
  const parsed = start < 0 ? undefined : download.safeParse(JSON.parse(stdout.slice(start)));
  if (parsed?.data?.Dir) return { folder: parsed.data.Dir };
  return { error: parsed?.data?.Error ?? 'go printed no description of the module' };
}

export type GoFailure = 'network' | 'checksum' | 'disk' | 'memory' | 'other';

/** Go words the same trouble in many ways; a person needs one of five cures. */
export function goFailure(output: string): GoFailure {
  if (/SECURITY ERROR|checksum mismatch/i.test(output)) return 'checksum';
  if (/no space left on device|disk quota exceeded/i.test(output)) return 'disk';
  if (/signal: killed|cannot allocate memory|out of memory/i.test(output)) return 'memory';
  if (
    /dial tcp|no such host|i\/o timeout|connection re(fused|set)|proxyconnect|TLS handshake|network is unreachable|GOPROXY=off|module lookup disabled/i.test(
      output,
    )
  )
    return 'network';
  return 'other';
}

/** The lines that say what went wrong, without the packages compiled before it. */
export function goComplaint(stderr: string): string {
  const telling = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^[\w./~-]+$/.test(line) && !/^go: downloading /.test(line));
  return telling.slice(-6).join('\n');
}
