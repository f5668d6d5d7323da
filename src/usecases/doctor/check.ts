import { FfopsError } from '../../errors.ts';

export interface Check {
  readonly about: 'machine' | 'tools' | 'workspace' | 'secrets' | 'environment';
  readonly title: string;
  /** `note`: works, but you may want to know. */
  readonly state: 'fine' | 'note' | 'wrong';
  readonly detail: string;
  readonly cures: readonly string[];
}

export function fine(about: Check['about'], title: string, detail: string): Check {
  return { about, title, state: 'fine', detail, cures: [] };
}

/** A look that is refused is a finding itself: what a command would say, with its cure. */
export async function guarded(
  about: Check['about'],
  title: string,
  look: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    return error.problems.map(({ message, at, hints }) => ({
      about,
      title,
      state: 'wrong' as const,
      detail: at ? `${at.file}:${at.line}: ${message}` : message,
      cures: hints ?? [],
    }));
  }
}
