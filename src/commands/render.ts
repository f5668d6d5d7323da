import { boolean } from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.ts';
import { checkImages } from '../usecases/check-images.ts';
import { loadRenderKit } from '../usecases/render-inputs.ts';
import { refuseOtherCharts, render } from '../usecases/render.ts';
import { publishSchema } from '../usecases/schema-file.ts';
import { renderText } from '../views/render.ts';

export default class Render extends BaseCommand {
  static override summary = 'Write the OpenTofu modules and Helm values of an environment';
  static override description =
    'Writes .ffops/ENV/stacks, and only the files that changed. `plan` and `apply` do it themselves: this is for reading, and for CI.';
  static override examples = [
    { description: 'See what prod stands for', command: '<%= config.bin %> render -e prod' },
    { description: 'In CI: fail when somebody forgot to render', command: '<%= config.bin %> render -e prod --check' },
  ];
  static override exits = { 1: 'failed; with --check: files are stale' } as const;
  static override flags = { check: boolean({ description: 'write nothing; fail when something would be written' }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(Render);
    const context = this.open(flags);
    const blueprint = await context.blueprint();
    // First: no sandbox is started for an environment that it cannot hold.
    const kit = await loadRenderKit(
      context.ports,
      await (await context.hands()).providers(),
      await context.workspace(),
    );
    const surroundings = await context.surroundings();
    if (surroundings.kind === 'real') await refuseOtherCharts(blueprint, await (await context.hands()).toolchain());
    const result = await render(context.ports, { blueprint, surroundings, kit, check: flags.check });
    if (!flags.check) await publishSchema(context.ports, await context.workspace());
    const { run } = await (await context.hands()).environment();
    const images = await checkImages(context.ports, { blueprint, surroundings, kit, run });
    this.answer(context, { ...result, images }, () => renderText(result, images, context.style, context.here));
  }
}
