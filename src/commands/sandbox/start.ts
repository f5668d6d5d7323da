import { option } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { sandboxStart } from '../../usecases/sandbox.ts';
import { sandboxStartText } from '../../views/sandbox.ts';

export default class SandboxStart extends BaseCommand {
  static override summary = 'Start the sandbox: a whole cloud on this machine, for this workspace';
  static override description =
    'A simulated DigitalOcean, real Kubernetes control planes, a real S3 server and a real Velero, all on loopback. Commands with --sandbox start it by themselves.';
  static override examples = [
    { description: 'Start it, or bring a crashed one back', command: '<%= config.bin %> sandbox start' },
    { description: 'With pods that really run', command: '<%= config.bin %> sandbox start --nodes real' },
    {
      description: 'With the images of the registries',
      command: '<%= config.bin %> sandbox start --nodes real --images upstream',
    },
    { description: 'Its addresses, for a script', command: '<%= config.bin %> sandbox start --json' },
  ];

  static override flags = {
    nodes: option({
      options: ['simulated', 'real'] as const,
      description:
        'of clusters: simulated ones run no pod; real ones run those whose images `sandbox prepare` made (Linux, root)',
    })(),
    images: option({
      options: ['rebuilt', 'upstream'] as const,
      description:
        'of pods on real nodes: those that `sandbox prepare` made, or those of the registries, kept for the next time (FFOPS_MIRROR)',
    })(),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxStart);
    const context = this.open(flags);
    const { root } = await context.workspace();
    const { sandbox } = await context.hands();
    const result = await sandboxStart(sandbox, root, flags);
    this.answer(context, result, () => sandboxStartText(result, context.style));
  }
}
