import { relative } from 'node:path';
import type { InitResult } from '../usecases/init.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

/** `from` is where the user stands: paths are shown as they would type them. */
export function initText(result: InitResult, style: Style, from: string): string {
  const { folder, name, files, environments, secrets } = result;
  const shown = relative(from, folder) || '.';
  const lines = [
    `Made the workspace ${style.bold(name)} in ${shown}: ${environments.join(' and ')}.`,
    '',
    ...files.map((file) => `  ${file}`),
    '',
    ...secretLines(secrets, style),
    '',
  ];
  return `${lines.join('\n')}\n${style.bold('Next')}\n${columns(nextSteps(result, shown, style), '  ', style.width)}\n`;
}

function secretLines(secrets: InitResult['secrets'], style: Style): string[] {
  if (!secrets.made) return [`${style.yellow('No secrets yet:')} ${secrets.why}.`.replace('..', '.')];
  const key = secrets.createdKey ? 'Your age key is new' : 'Your age key was there already';
  return [
    `${key}: ${secrets.ageKeyFile}`,
    style.dim('Keep a copy where you keep passwords: without it the secrets cannot be read.'),
  ];
}

function nextSteps({ environments, secrets }: InitResult, shown: string, style: Style): string[][] {
  const first = environments.includes('dev') ? 'dev' : (environments[0] ?? 'prod');
  const steps: [string, string][] = shown === '.' ? [] : [[`cd ${shown}`, '']];
  if (!secrets.made) {
    steps.push(['ffops toolchain install sops age-keygen', 'the tools that encrypt']);
    steps.push([`ffops secrets init -e ${first}`, 'an age key, and what can be made up']);
  }
  steps.push(['ffops doctor', 'what this machine still lacks']);
  steps.push([`ffops env show ${first}`, 'what the environment means, defaults included']);
  steps.push([`ffops app add -e ${first}`, 'choose what it runs']);
  steps.push([`ffops plan -e ${first} --sandbox`, 'try it without a cloud']);
  if (secrets.made) {
    for (const [name, missing] of Object.entries(secrets.missing)) {
      for (const secret of missing)
        steps.push([`ffops secrets set ${secret} -e ${name}`, `before ${name} can be applied`]);
    }
  }
  return steps.map(([command, why]) => [style.cyan(command), style.dim(why)]);
}
