import { string } from '@oclif/core/args';
import { option, string as text } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { lockFileOf } from '../../cli/toolchain-lock.ts';
import { sources } from '../../toolchain/toolchain.ts';
import { installToolchain } from '../../usecases/toolchain.ts';
import { showInstallation, toolchainInstallText } from '../../views/toolchain.ts';

export default class ToolchainInstall extends BaseCommand {
  static override summary =
    'Install the pinned tools: official releases, or built from source where those are out of reach';
  static override strict = false;
  static override args = { name: string({ description: 'a tool or a chart; everything when absent' }) };
  static override examples = [
    { description: 'Everything: tools, providers, charts', command: '<%= config.bin %> toolchain install' },
    {
      description: 'Two tools, from source whatever can be downloaded',
      command: '<%= config.bin %> toolchain install tofu sops --source build',
    },
    {
      description: 'Through a mirror',
      command: '<%= config.bin %> toolchain install --mirror https://mirror.example.com/releases',
    },
  ];
  static override exits = { 4: 'Go is needed for a build, and there is none' };
  static override flags = {
    source: option({
      options: sources,
      default: 'auto' as const,
      description: 'auto: PATH, cache, release, build, the first that works; release or build: that way only',
    })(),
    mirror: text({
      description: 'serves <URL>/<host>/<path> for every https://<host>/<path>; else FFOPS_MIRROR',
      helpValue: 'URL',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ToolchainInstall);
    const context = this.open(flags);
    const steps = context.steps();
    const request = {
      names: argv as string[],
      source: flags.source,
      mirror: flags.mirror,
      lockFile: await lockFileOf(context),
    };
    try {
      const result = await installToolchain(context.ports, request, showInstallation(steps));
      await steps.close();
      this.answer(context, result, () => toolchainInstallText(result, context.style));
    } finally {
      await steps.close();
    }
  }
}
