import { BaseCommand } from '../../cli/base-command.ts';
import { secretsRequest } from '../../cli/secrets-request.ts';
import { openTarget } from '../../cli/target.ts';
import { string } from '@oclif/core/args';
import { rotateSecrets } from '../../usecases/secrets-rotate.ts';
import { showPlans } from '../../views/apply.ts';
import { secretRotateText } from '../../views/secrets.ts';

export default class SecretsRotate extends BaseCommand {
  static override summary = 'Give secrets a new value, and have everything that uses them follow';
  static override description =
    'A value that can be made up is; another one is typed unseen or piped in. The stacks that deliver it are planned, shown and applied: what reads it restarts once. When that fails, the value before is put back.';
  static override examples = [
    {
      description: 'A password that somebody has seen',
      command: '<%= config.bin %> secrets rotate hello.token -e prod',
    },
    {
      description: 'Two that belong together',
      command: '<%= config.bin %> secrets rotate backups.accessKey backups.secretKey -e prod',
    },
  ];
  static override exits = { 1: 'it did not work; the answer says which value is in use' };
  static override args = { name: string({ required: true, description: 'as `secrets list` shows it; repeats' }) };
  static override strict = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(SecretsRotate);
    const context = this.open(flags);
    const request = {
      ...(await secretsRequest(context)),
      names: [...new Set(argv as string[])],
      yes: flags.yes,
      target: () => openTarget(context),
    };
    const show = showPlans(context.steps(), context.ports.terminal, context.style);
    const result = await rotateSecrets(context.ports, request, show);
    this.answer(context, result, () => secretRotateText(result, context.style));
  }
}
