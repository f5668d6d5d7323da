import { BaseCommand } from '../cli/base-command.ts';
import { doctor } from '../usecases/doctor/doctor.ts';
import { doctorText } from '../views/doctor.ts';

export default class Doctor extends BaseCommand {
  static override summary = 'Look for what is missing or off, and name its cure';
  static override description =
    'On this machine, in this workspace and in the environment. Changes nothing; shows names of secrets only.';
  static override examples = [
    { description: 'Before the first plan', command: '<%= config.bin %> doctor -e prod' },
    { description: 'In CI, for a machine to read', command: '<%= config.bin %> doctor -e prod --json' },
  ];
  static override exits = { 1: 'something has to be put right' } as const;

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    const context = this.open(flags);
    const hands = await context.hands();
    const { engines } = this.config.pjson as unknown as { readonly engines: { readonly node: string } };
    const result = await doctor(context.ports, {
      sandbox: flags.sandbox,
      nodeVersion: process.versions.node,
      nodeWanted: engines.node.replace(/^>=/, ''),
      tools: async () => (await hands.toolchain()).reportTools(),
      workspace: context.workspace,
      choice: context.choice,
      environment: context.environment,
      blueprint: context.blueprint,
      surroundings: hands.surroundings,
      hands: hands.environment,
      operator: hands.operator,
    });
    this.answer(context, result, () => doctorText(result, context.style));
  }
}
