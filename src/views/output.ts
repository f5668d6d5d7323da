import type { OutputResult } from '../usecases/output.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

/** One that was asked for by name is shown bare, for scripts. */
export function outputText({ outputs }: OutputResult, name: string | undefined, style: Style): string {
  if (name !== undefined && outputs.length === 1) return outputs[0]?.value ?? '';
  if (outputs.length === 0) return 'No outputs yet: they appear once a stack is applied.';
  return columns(outputs.map(({ stack, name: output, value }) => [style.dim(stack), output, value]));
}
