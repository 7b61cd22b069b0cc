import { svgNumber } from './svg.ts';

/** The width of the picture, in pixels. On a phone it is narrow: names stand above their rows, there are fewer marks. */
export type PictureLayout = { readonly width: number; readonly narrow: boolean };
export const WIDE: PictureLayout = { width: 960, narrow: false };
export const NARROW: PictureLayout = { width: 360, narrow: true };

/** The time axis, from `left` to `right` in pixels. */
export type TimeAxis = {
  readonly layout: PictureLayout;
  /** The time at the right end, in milliseconds. */
  readonly most: number;
  readonly left: number;
  readonly right: number;
  /** Where a time is, in pixels. */
  readonly x: (time: number) => number;
};

export function timeAxis(layout: PictureLayout, most: number): TimeAxis {
  const left = layout.narrow ? 8 : 74;
  const right = layout.narrow ? layout.width - 8 : layout.width - 128;
  return { layout, most, left, right, x: (time) => left + ((right - left) * time) / most };
}

/** A drawing, and the pixels that it takes from top to bottom. */
export type Drawn = { readonly markup: string; readonly height: number };

/** A failed request, as path data. */
export const crossAt = (x: number, y: number): string => `M${svgNumber(x - 3)} ${svgNumber(y - 3)}l6 6m0 -6l-6 6`;
