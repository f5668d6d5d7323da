import { join } from 'node:path';
import { boolean } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { secretsRequest } from '../../cli/secrets-request.ts';
import { checkAllSecrets, checkStaged, installHook } from '../../usecases/secrets-check.ts';
import { hookText, secretCheckText } from '../../views/secrets-check.ts';

export default class SecretsCheck extends BaseCommand {
  static override summary = 'Check that every secret is there, and that none lies anywhere in clear';
  static override description =
    'Looks for each value, as it is and as base64, URLs and JSON have it, in the workspace and in all that its git repository ever held; and for tfvars, states and keys that are tracked.';
  static override examples = [
    { description: 'Before an apply, and before a push', command: '<%= config.bin %> secrets check -e prod' },
    {
      description: 'From now on, before every commit',
      command: '<%= config.bin %> secrets check --install-hook',
    },
  ];
  static override exits = { 1: 'a secret that is needed has no usable value, or something lies in clear' };
  static override flags = {
    staged: boolean({ description: 'only what is about to be committed', exclusive: ['install-hook'] }),
    'install-hook': boolean({ description: 'write a pre-commit hook that does this' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SecretsCheck);
    const context = this.open(flags);
    const request = await secretsRequest(context);
    if (flags['install-hook']) {
      const launcher = [process.execPath, join(this.config.root, 'bin/run.js')];
      const installed = await installHook(context.ports, request, launcher);
      return this.answer(context, installed, () => hookText(installed));
    }
    const check = flags.staged ? checkStaged : checkAllSecrets;
    const result = await check(context.ports, request);
    this.answer(context, result, (width) => secretCheckText(result, context.style, flags.quiet, width));
  }
}
