import type { EnvironmentCreateResult } from '../usecases/environment-create.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

export function environmentCreateText(
  { name, file, platform, rootDomain }: EnvironmentCreateResult,
  style: Style,
): string {
  const next = [
    [style.cyan(`ffops env show ${name}`), 'all it means, defaults included'],
    [style.cyan(`ffops render -e ${name}`), 'the files it stands for'],
  ];
  return `Wrote ${style.bold(file)}: ${rootDomain} on ${platform}.\n\nNext:\n${columns(next, '  ')}\n`;
}
