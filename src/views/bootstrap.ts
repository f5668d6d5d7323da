import type { BootstrapResult } from '../usecases/bootstrap.ts';
import type { Style } from './style.ts';

export function bootstrapText({ environment, bucket, created, versioned }: BootstrapResult, style: Style): string {
  if (bucket === undefined) return `${environment} keeps its state on this machine: nothing to make.`;
  const versions =
    versioned === true ? style.green('old versions are kept') : style.yellow('the store does not keep old versions');
  return [
    `${created === true ? 'Made the bucket' : 'The bucket is there:'} ${bucket}`,
    `  ${style.green('private')}, ${versions}, ${style.green('two people cannot lock it at once')}`,
  ].join('\n');
}
