/**
 * Claims about speed, each as a ratio to something measured in the same run on the same machine. `npm run bench` runs
 * all; `npm run bench -- start-up render` some. Exit code 1 when a goal is missed.
 */
import { measureAppAdd } from './app-add.ts';
import { measureDumps } from './dumps.ts';
import { report, type Claim } from './measure.ts';
import { measureManyPlans, measurePlan } from './plan.ts';
import { measureRender } from './render.ts';
import { measureSecrets } from './secrets.ts';
import { measureStartUp } from './start-up.ts';

const sections: Readonly<Record<string, () => Promise<readonly Claim[]>>> = {
  'start-up': measureStartUp,
  render: measureRender,
  'app-add': measureAppAdd,
  secrets: measureSecrets,
  plan: () => measurePlan(),
  'plan-100': measureManyPlans,
  dumps: measureDumps,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in sections));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}.`);
  process.exit(3);
}
let met = true;
for (const [name, measure] of Object.entries(sections)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n${name}`);
  met = report(await measure()) && met;
}
process.exit(met ? 0 : 1);
