import { styleText } from 'node:util';

/** How a view colours words; without colour each returns its text as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
  /** Columns of the screen; unlimited where none is looked at. */
  readonly width: number;
}

type Look = Parameters<typeof styleText>[0];

export function styleFor(colour: boolean, width = Infinity): Style {
  const look = (format: Look) =>
    colour ? (text: string) => styleText(format, text, { validateStream: false }) : (text: string) => text;
  return {
    bold: look('bold'),
    dim: look('dim'),
    red: look('red'),
    green: look('green'),
    yellow: look('yellow'),
    cyan: look('cyan'),
    width,
  };
}
