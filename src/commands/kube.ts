import { atDashes, passedOn } from '../cli/argv.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { kube } from '../usecases/kube.ts';

export default class Kube extends BaseCommand {
  static override summary = 'Run kubectl in the cluster of an environment';
  static override description =
    'Everything after `--` is for kubectl. Your own kubeconfig is neither read nor changed.';
  static override usage = 'kube [-e NAME] -- ARGS...';
  static override examples = [
    { description: 'The pods of prod', command: '<%= config.bin %> kube -e prod -- get pods -A' },
    {
      description: 'A shell in a pod',
      command: '<%= config.bin %> kube -e prod -- exec -it postgres-0 -n data -- bash',
    },
  ];
  static override strict = false;

  async run(): Promise<void> {
    const { own, beyond } = atDashes(this.argv);
    const { argv, flags } = await this.parse(Kube, own);
    const context = this.open(flags);
    const hands = await context.hands();
    process.exitCode = await kube({
      hands: await hands.environment(),
      surroundings: await hands.surroundings(),
      args: passedOn(argv as string[], beyond),
    });
  }
}
