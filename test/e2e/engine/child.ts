/** Runs one apply or destroy in a process of its own, so that tests can kill it: `child.ts VERB FOLDER SKETCHES`. */
import { apply } from '../../../src/usecases/apply.ts';
import { destroy } from '../../../src/usecases/destroy.ts';
import { listenForSignals } from '../../../src/adapters/interruption.ts';
import { realRunner } from '../../../src/adapters/runner.ts';
import { FfopsError } from '../../../src/errors.ts';
import { openWorkshop } from './workshop.ts';

const [verb, folder, sketches] = process.argv.slice(2);
const workshop = await openWorkshop(JSON.parse(sketches!), { folder: folder!, cloud: { inventory: async () => [] } });
const interruption = listenForSignals((line) => void process.stderr.write(`${line}\n`));
const ports = { ...workshop.ports, interruption, runner: realRunner(process.env, () => interruption) };
const request = {
  target: workshop.target,
  selection: { stacks: [], only: false },
  yes: true,
  loseData: [],
  adopt: [],
  parallel: 2,
};
const tell = async (event: object): Promise<void> => void process.stderr.write(`${JSON.stringify(event)}\n`);
try {
  const result = verb === 'destroy' ? await destroy(ports, request, tell) : await apply(ports, request, tell);
  process.stdout.write(JSON.stringify({ verdict: result.verdict, stacks: result.stacks }));
} catch (error) {
  if (!(error instanceof FfopsError)) throw error;
  process.stdout.write(JSON.stringify({ code: error.code, problems: error.problems }));
}
process.exit(0);
