/** Old providers do not know every option: ffops says so at the option, before OpenTofu says it of a rendered file. */
import { UserError, type Problem } from '../errors.ts';
import type { LoadedEnvironment } from '../model/load.ts';
import type { ProviderSet } from '../toolchain/toolchain.ts';

/** Throws UserError with every option that is asked for and that the providers are too old for. */
export function refuseWhatProvidersLack(
  { environment, origins }: Pick<LoadedEnvironment, 'environment' | 'origins'>,
  providers: Pick<ProviderSet, 'lacks' | 'reason' | 'versions'>,
): void {
  const problems = providers.lacks
    .flatMap((pattern) => valuesAt(environment, pattern))
    .flatMap(({ path, value }): Problem[] => {
      const origin = origins.of(path);
      const isAsked = value !== undefined && !(Array.isArray(value) && value.length === 0);
      if (!isAsked || origin.kind !== 'file') return [];
      const { file, line, column } = origin;
      return [
        {
          message: `\`${path}\` cannot be rehearsed here: the providers at hand (${named(providers)}) are too old for it.`,
          at: { file, line, column },
          hints: [
            `They are used because ${providers.reason}; with the provider registry in reach, the sandbox uses the current ones.`,
            'Real environments always do. Leave the option out to rehearse the rest.',
          ],
        },
      ];
    });
  if (problems.length > 0) throw new UserError('providers.tooOld', problems);
}

export function oldProvidersNote(providers: Pick<ProviderSet, 'reason' | 'versions'>): string {
  return `The sandbox uses old providers (${named(providers)}), because ${providers.reason}; real environments never do.`;
}

function named({ versions }: Pick<ProviderSet, 'versions'>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

/** `a.b[].c` stands for `a.b[0].c` and all that follow. */
function valuesAt(root: unknown, pattern: string): readonly { readonly path: string; readonly value: unknown }[] {
  let found = [{ path: '', value: root }];
  for (const part of pattern.split('.')) {
    const key = part.replace(/\[\]$/, '');
    found = found.flatMap(({ path, value }) => {
      const child = { path: path === '' ? key : `${path}.${key}`, value: (value as Record<string, unknown>)?.[key] };
      if (key === part) return [child];
      const items = Array.isArray(child.value) ? (child.value as unknown[]) : [];
      return items.map((item, index) => ({ path: `${child.path}[${index}]`, value: item }));
    });
  }
  return found;
}
