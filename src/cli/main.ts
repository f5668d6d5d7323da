import { Config } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { globalFlagsLast, wantsFlag } from './argv.ts';
import { closeSteps } from './compose.ts';
import { findCommand } from './find-command.ts';
import { forgiveLostReaders } from './output.ts';
import { report, type About } from './report.ts';

/** Where the launcher found ffops: compiled (`dist`), or as it is written (`src`). */
export interface Installation {
  readonly root: string;
  readonly pjson: {
    readonly version: string;
    readonly bugs?: { readonly url: string };
    readonly [key: string]: unknown;
  };
  readonly fromSource: boolean;
}

export async function main(installation: Installation, argv: readonly string[]): Promise<void> {
  const about: About = { version: installation.pjson.version, bugsUrl: installation.pjson.bugs?.url };
  const words = helpFlag(globalFlagsLast(argv));
  forgiveLostReaders();
  process.on('uncaughtException', (error) => process.exit(report(error, words, about)));
  try {
    await dispatch(installation, words);
  } catch (error) {
    await closeSteps();
    process.exitCode = report(error, words, about);
  }
}

async function dispatch({ root, pjson, fromSource }: Installation, argv: readonly string[]): Promise<void> {
  if (argv[0] === '--version') return void process.stdout.write(`ffops ${pjson.version}\n`);
  // oclif would look for ts-node or tsx; Node runs TypeScript by itself.
  settings.enableAutoTranspile = false;
  const config = new Config({ root, pjson: pjson as never, isRoot: true, ignoreManifest: fromSource });
  await config.load();
  const found = findCommand(argv, config.commandIDs);
  if ('topic' in found || wantsFlag(argv, 'help')) {
    const { showHelp } = await import('./help.ts');
    return await showHelp(config, 'topic' in found ? found.topic : found.id);
  }
  await config.runCommand(found.id, [...found.rest]);
}

/** `ffops help env list` is `ffops env list --help`, and so is `-h`. */
function helpFlag(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const words = argv.map((word, index) => (word === '-h' && (end < 0 || index < end) ? '--help' : word));
  return words[0] === 'help' ? [...words.slice(1), '--help'] : words;
}
