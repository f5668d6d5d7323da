import { relative } from 'node:path';
import type { ImagesReport } from '../usecases/check-images.ts';
import type { RenderResult } from '../usecases/render.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

/** `from` is where the user stands: paths are shown as they would type them. */
export function renderText(result: RenderResult, images: ImagesReport, style: Style, from: string): string {
  const folder = relative(from, result.folder) || '.';
  const rows = result.stacks.map(({ name, title, files, changed }) => [
    changed > 0 ? style.green(name) : name,
    count(files, 'file'),
    changed > 0 ? `${changed} changed` : style.dim('unchanged'),
    style.dim(title),
  ]);
  const ending = result.stale.length > 0 ? staleText(result, style, folder) : writtenText(result, folder);
  return `${columns(rows)}\n\n${ending}\n${imagesText(images, style)}`;
}

function writtenText({ written, removed, unchanged }: RenderResult, folder: string): string {
  if (written.length === 0 && removed.length === 0)
    return `Nothing to write: all ${unchanged} files in ${folder} are up to date.`;
  const parts = [
    `${count(written.length, 'file')} written`,
    ...(removed.length > 0 ? [`${removed.length} removed`] : []),
    `${unchanged} unchanged`,
  ];
  return `${parts.join(', ')} in ${folder}.`;
}

function staleText({ stale }: RenderResult, style: Style, folder: string): string {
  const rows = stale.map(({ path, reason }) => [style.red(reason), path]);
  return `${columns(rows, '  ')}\n\n${count(stale.length, 'file')} in ${folder} ${stale.length === 1 ? 'is' : 'are'} stale: run \`ffops render\`.`;
}

/** That nothing is wrong needs no line; that nobody could look does. */
function imagesText({ unknown }: ImagesReport, style: Style): string {
  const [first] = unknown;
  if (first === undefined) return '';
  const others = unknown.length > 1 ? ` and ${unknown.length - 1} more` : '';
  return style.dim(
    `Not looked through for images of Bitnami: ${first.release}${others} (${first.because}). \`ffops plan\` does.\n`,
  );
}
