import { boolean, string } from '@oclif/core/flags';

/** Understood by every command, and accepted before its name as well. */
export const globalFlags = {
  env: string({
    char: 'e',
    description: 'environment; else FFOPS_ENV, APP_ENV, or the one of `ffops env use`',
    helpValue: 'NAME',
    helpGroup: 'GLOBAL',
  }),
  workspace: string({
    description: 'folder with ffops.yaml; found from here upwards when absent',
    helpValue: 'DIR',
    helpGroup: 'GLOBAL',
  }),
  sandbox: boolean({ description: 'work against the sandbox instead of the real cloud', helpGroup: 'GLOBAL' }),
  yes: boolean({ char: 'y', description: 'do not ask; never consents to losing data', helpGroup: 'GLOBAL' }),
  json: boolean({ description: 'one JSON document on stdout', helpGroup: 'GLOBAL' }),
  'no-color': boolean({ description: 'no colour (NO_COLOR does the same)', helpGroup: 'GLOBAL' }),
  verbose: boolean({
    char: 'v',
    description: 'show every program that is started and what it prints',
    helpGroup: 'GLOBAL',
  }),
  quiet: boolean({ char: 'q', description: 'no progress, only the result', helpGroup: 'GLOBAL' }),
};

export interface GlobalFlags {
  readonly workspace?: string | undefined;
  readonly env?: string | undefined;
  readonly sandbox: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly 'no-color': boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}
