import type { Environment } from './environment.ts';
import { ownImage, versionOfImage } from './image.ts';
import type { AppEntry } from './plugs.ts';

/** The image that the environment names for the app instead of the entry's own. */
export function imageChosen({ apps }: Pick<Environment, 'apps'>, { id, options }: AppEntry): string | undefined {
  // Another app may mean something else by an option of that name.
  if (options.shape['image'] !== ownImage) return undefined;
  return (apps[id] as { readonly image?: string } | undefined)?.image;
}

/** What an apply would install. */
export function versionIn(environment: Pick<Environment, 'apps'>, entry: AppEntry): string {
  const image = imageChosen(environment, entry);
  return image === undefined ? entry.version : versionOfImage(image);
}
