/** Downloads a tool's release, or builds it where there is none to be had. */
import { join } from 'node:path';
import { isUnavailable } from './downloads.ts';
import { noteOf, type Made, type ResolvedTool, type ToolFinder } from './find-tools.ts';
import { withLock } from './lock.ts';
import type { BuildPin, ToolPin } from './pins.ts';
import type { Say } from './progress.ts';
import { notReleased, type Workshop } from './workshop.ts';

export interface ToolMaker {
  /** The tool, made when it is not there yet. Throws FailedError, or ToolMissingError when a build lacks Go. */
  readonly install: (name: string, pin: ToolPin, say: Say) => Promise<ResolvedTool>;
  readonly build: (name: string, version: string, pin: BuildPin, because: string, say: Say) => Promise<ResolvedTool>;
}

export function toolMaker(workshop: Workshop, { find, made }: ToolFinder): ToolMaker {
  const { ports, host, layout, source, offline, lock, platform, downloads, builder } = workshop;
  const { files } = ports;

  /** The note of its origin first: a binary that is there is complete. */
  const keep = async (path: string, content: Uint8Array, origin: Made): Promise<void> => {
    await files.write(noteOf(path), `${JSON.stringify(origin)}\n`);
    await files.write(path, content, { mode: 0o755 });
  };

  /** Or, in words, why it cannot be had. */
  const download = async (name: string, pin: ToolPin, say: Say): Promise<ResolvedTool | string> => {
    if (offline) return 'FFOPS_OFFLINE is set';
    if (source === 'build') return 'a build was asked for';
    if (pin.release === undefined) return 'its project publishes no binary';
    say({ step: 'downloading', detail: `the release ${pin.version}` });
    const program = await downloads.program(name, pin.version, pin.release);
    if (isUnavailable(program)) return program.unavailable;
    const path = layout.binary(name, pin.version, 'release');
    const reason = `the official release, checked against its published checksum`;
    const { url, sha256 } = program;
    await keep(path, program.content, { origin: 'release', reason, download: { version: pin.version, url, sha256 } });
    return { name, path, version: pin.version, origin: 'release', reason };
  };

  const build: ToolMaker['build'] = async (name, version, pin, because, say) => {
    const recipe = { name, version, pin };
    const scratch = join(layout.tool(name), '.build');
    say({ step: 'waiting', detail: `to be built: ${because}` });
    try {
      const content = await builder.build(recipe, scratch, (detail) => say({ step: 'building', detail }));
      const path = layout.binary(name, version, await builder.key(recipe));
      const reason = `built from source, because ${because}`;
      await keep(path, content, { origin: 'build', reason });
      return { name, path, version, origin: 'build', reason };
    } finally {
      await files.remove(scratch);
    }
  };

  /** A release that another workspace downloaded is this one's as well. */
  const record = async (name: string, tool: ResolvedTool): Promise<void> => {
    if (tool.origin !== 'release' || (await lock.download(name, platform))?.version === tool.version) return;
    const download = (await made(tool.path))?.download;
    if (download) await lock.recordDownload(name, platform, download);
  };

  const install: ToolMaker['install'] = async (name, pin, say) => {
    const ready = (tool: ResolvedTool): ResolvedTool => {
      say({ step: 'ready', detail: `${tool.version}, ${tool.reason}` });
      return tool;
    };
    const present = await find(name, pin, []);
    if (present) {
      await record(name, present);
      return ready(present);
    }
    return withLock(
      ports,
      host,
      layout.tool(name),
      (owner) => say({ step: 'waiting', detail: `for ${owner}, which is installing it` }),
      async () => {
        const meanwhile = await find(name, pin, []);
        if (meanwhile) return ready(meanwhile);
        const downloaded = await download(name, pin, say);
        if (typeof downloaded !== 'string') return ready(downloaded);
        if (source === 'release') throw notReleased(name, pin.version, downloaded);
        return ready(await build(name, pin.version, pin.build, downloaded, say));
      },
    );
  };

  return { install, build };
}
