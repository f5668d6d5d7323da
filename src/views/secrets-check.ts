import type { Leak, Search } from '../secrets/leaks.ts';
import type { HookResult, SecretCheckResult } from '../usecases/secrets-check.ts';
import { findingsText } from './secrets.ts';
import type { Style } from './style.ts';
import { count } from './text.ts';

export function secretCheckText(result: SecretCheckResult, style: Style, quiet: boolean, width?: number): string {
  const { file, findings, verdict, search } = result;
  const leaks = search?.leaks ?? [];
  if (quiet && verdict === 'done') return '';
  const complete = findings.every(({ problem }) => problem === 'unused');
  return [
    complete
      ? style.green(`${file} has everything that this environment needs.`)
      : style.red(`${file} does not have what this environment needs.`),
    ...(findings.length === 0 ? [] : [findingsText(findings, style, width)]),
    ...(search === undefined ? [] : [searchText(search, style)]),
    ...(leaks.length === 0 ? [] : leaks.map((leak) => leakText(leak, style))),
    ...(leaks.length === 0 ? [] : [style.bold('Rotate what lies in clear: whoever could read it there has it.')]),
  ].join('\n');
}

function searchText({ leaks, files, objects, tooBig, tooShort }: Search, style: Style): string {
  const where = [
    ...(files > 0 ? [count(files, 'file')] : []),
    ...(objects > 0 ? [`${count(objects, 'object')} of git`] : []),
  ].join(' and ');
  const left = [
    ...(tooBig > 0 ? [`${tooBig} were too big to look into`] : []),
    ...(tooShort.length > 0 ? [`too short to be searched for: ${tooShort.join(', ')}`] : []),
  ];
  const note = left.length === 0 ? '' : style.dim(` (${left.join('; ')})`);
  return leaks.length === 0
    ? style.green(`Nothing lies in clear in ${where === '' ? 'what there is' : where}.`) + note
    : style.red(`${count(leaks.length, 'thing')} should not lie where it does:`) + note;
}

function leakText({ what, form, path, commit }: Leak, style: Style): string {
  const place =
    commit === undefined ? path : commit === 'history' ? `${path}, in the history` : `${path}, since ${commit}`;
  return `  ${style.bold(what)} ${form === undefined ? 'is' : form} in ${place}`;
}

export function hookText({ hook }: HookResult): string {
  return `${hook} looks for secrets before every commit.`;
}
