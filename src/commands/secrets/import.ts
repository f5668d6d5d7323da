import { resolve } from 'node:path';
import { boolean, string as stringFlag } from '@oclif/core/flags';
import { string } from '@oclif/core/args';
import { BaseCommand } from '../../cli/base-command.ts';
import { renamesOf, secretsRequest } from '../../cli/secrets-request.ts';
import { importSecrets } from '../../usecases/secrets-import.ts';
import { secretImportText } from '../../views/secrets-import.ts';

export default class SecretsImport extends BaseCommand {
  static override summary = 'Take over the values of a secrets.tfvars, a .env, or one that sops encrypted';
  static override description =
    'Names are matched by their letters and digits, and by the variables that the tools read. What is not taken over is listed, with its line; values that are there stay.';
  static override examples = [
    { description: 'From before ffops', command: '<%= config.bin %> secrets import secrets.tfvars.enc -e prod' },
    {
      description: 'What was called otherwise',
      command: '<%= config.bin %> secrets import .env --as DO_PAT=digitalocean.token -e prod',
    },
  ];
  static override args = { file: string({ required: true, description: 'it is left as it is' }) };
  static override flags = {
    as: stringFlag({
      description: 'what the file calls OLD is our NEW; repeats',
      helpValue: 'OLD=NEW',
      multiple: true,
      default: [],
    }),
    overwrite: boolean({ description: 'replace values that are there' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SecretsImport);
    const context = this.open(flags);
    const request = {
      ...(await secretsRequest(context)),
      path: resolve(context.here, args.file),
      renames: renamesOf(flags.as),
      overwrite: flags.overwrite,
    };
    const result = await importSecrets(context.ports, request);
    this.answer(context, result, () => secretImportText(result, args.file, context.style));
  }
}
