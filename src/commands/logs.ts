import { string as argument } from '@oclif/core/args';
import { boolean, integer, string } from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.ts';
import { logs } from '../usecases/logs.ts';

export default class Logs extends BaseCommand {
  static override summary = 'Show what the pods of an app say';
  static override examples = [
    { description: 'The last lines of Traefik', command: '<%= config.bin %> logs traefik -e prod' },
    {
      description: 'Follow an app, from ten minutes ago',
      command: '<%= config.bin %> logs nextcloud -e prod --follow --since 10m',
    },
  ];
  static override args = { app: argument({ required: true, description: 'an app or a system of the environment' }) };
  static override flags = {
    lines: integer({ char: 'n', default: 100, min: 1, description: 'lines of each container' }),
    since: string({ description: 'nothing older than this', helpValue: '10m' }),
    follow: boolean({ char: 'f', description: 'go on until interrupted' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs);
    const context = this.open(flags);
    const hands = await context.hands();
    const lines: string[] = [];
    const result = await logs(context.ports, {
      blueprint: await context.blueprint(),
      surroundings: await hands.surroundings(),
      hands: await hands.environment(),
      app: args.app,
      lines: flags.lines,
      since: flags.since,
      follow: flags.follow,
      onLine: (line) => (flags.json ? void lines.push(line) : context.ports.terminal.out(`${line}\n`)),
    });
    if (result.note !== undefined) context.ports.terminal.err(`${result.note}\n`);
    if (flags.json) this.answer(context, { ...result, lines }, () => '');
  }
}
