import { boolean } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { publishSchema } from '../../usecases/schema-file.ts';

export default class EnvSchema extends BaseCommand {
  static override summary = 'Publish the JSON Schema of environments for your editor';
  static override description =
    'The first line of each environment file names the published schema. `env create`, `init` and `render` publish it too.';
  static override examples = [
    { description: 'After an update of ffops', command: '<%= config.bin %> env schema' },
    { description: 'For another tool', command: '<%= config.bin %> env schema --print > environment.schema.json' },
  ];
  static override flags = { print: boolean({ description: 'print the schema instead of its place' }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(EnvSchema);
    const context = this.open(flags);
    const result = await publishSchema(context.ports, await context.workspace());
    this.answer(context, result, () => {
      if (flags.print) return JSON.stringify(result.schema, null, 2);
      return `${result.file} ${result.written ? 'written' : 'is up to date'}.`;
    });
  }
}
