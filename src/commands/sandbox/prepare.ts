import { BaseCommand } from '../../cli/base-command.ts';
import { sandboxPrepare } from '../../usecases/sandbox-prepare.ts';
import { sandboxPrepareText } from '../../views/sandbox.ts';
import { showInstallation } from '../../views/toolchain.ts';

export default class SandboxPrepare extends BaseCommand {
  static override summary = 'Make what real nodes run: kubelet, containerd, and images without a registry';
  static override description =
    'For `sandbox start --nodes real`. Builds from source through the Go module proxy, takes programs and libraries from the Debian mirror, npm and PyPI without installing them, and puts images together under the names of those they stand for. What is there already is kept.';
  static override examples = [
    { description: 'Everything, as root', command: '<%= config.bin %> sandbox prepare' },
    { description: 'Which images there are, for a script', command: '<%= config.bin %> sandbox prepare --json' },
  ];
  static override exits = { 4: 'Go is needed for a build, or packages of the distribution, and there are none' };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxPrepare);
    const context = this.open(flags);
    const steps = context.steps();
    const { toolchain, sandbox } = await context.hands();
    try {
      const hands = {
        say: sandbox.say,
        ports: context.ports,
        toolchain: await toolchain(),
        announce: showInstallation(steps),
      };
      const result = await sandboxPrepare(hands);
      await steps.close();
      this.answer(context, result, () => sandboxPrepareText(result));
    } finally {
      await steps.close();
    }
  }
}
