/** Where a picture stands under two fingers. Pure: the viewer only shows it. */

export interface Stand {
  scale: number;
  /** Of the middle of the picture from the middle of the screen, px. */
  x: number;
  y: number;
}

export interface Point {
  x: number;
  y: number;
}

export const WHOLE: Stand = { scale: 1, x: 0, y: 0 };
export const CLOSE = 2.5;
const MOST = 6;

/** Larger or smaller by `factor`, so that what lies under `at` (from the middle of the screen) stays under it. */
export function zoomed({ scale, x, y }: Stand, factor: number, at: Point): Stand {
  const next = Math.min(MOST, Math.max(1, scale * factor));
  const by = next / scale;
  return { scale: next, x: at.x - (at.x - x) * by, y: at.y - (at.y - y) * by };
}

/** Not further than to its edge: a picture that one has lost is no picture. */
export function held(stand: Stand, picture: { width: number; height: number }, screen: { width: number; height: number }): Stand {
  if (stand.scale === 1) return WHOLE;
  const room = (side: number, shown: number): number => Math.max(0, (side * stand.scale - shown) / 2);
  const within = (value: number, most: number): number => Math.min(most, Math.max(-most, value));
  return { ...stand, x: within(stand.x, room(picture.width, screen.width)), y: within(stand.y, room(picture.height, screen.height)) };
}

export const apart = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
export const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
