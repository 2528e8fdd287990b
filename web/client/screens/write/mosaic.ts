/** 打码: what was under the finger becomes coarse squares that nobody can read back. */

/** Squares along the longer side of a picture: coarse enough for a face that fills a tenth of it. */
const SQUARES = 48;

/** Squares [column, row] under a finger of `radius` moving from one point to another; everything in the same measure. */
export function touched(from: { x: number; y: number }, to: { x: number; y: number }, radius: number, side: number): [number, number][] {
  const found = new Map<string, [number, number]>();
  const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / (radius / 2)));
  for (let step = 0; step <= steps; step += 1) {
    const x = from.x + ((to.x - from.x) * step) / steps;
    const y = from.y + ((to.y - from.y) * step) / steps;
    for (let column = Math.floor((x - radius) / side); column <= Math.floor((x + radius) / side); column += 1) {
      for (let row = Math.floor((y - radius) / side); row <= Math.floor((y + radius) / side); row += 1) {
        if (column >= 0 && row >= 0) found.set(`${column}:${row}`, [column, row]);
      }
    }
  }
  return [...found.values()];
}

export const squareOf = (width: number, height: number): number => Math.max(8, Math.ceil(Math.max(width, height) / SQUARES));

/** A picture of one pixel for each square: the colour that stands for all of it. */
export function coarse(picture: CanvasImageSource, width: number, height: number): HTMLCanvasElement {
  const side = squareOf(width, height);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.ceil(width / side), Math.ceil(height / side)];
  const pen = canvas.getContext("2d")!;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, width / side, height / side);
  return canvas;
}

export function cover(pen: CanvasRenderingContext2D, colours: HTMLCanvasElement, squares: Iterable<[number, number]>, side: number): void {
  pen.imageSmoothingEnabled = false;
  for (const [column, row] of squares) {
    if (column < colours.width && row < colours.height) pen.drawImage(colours, column, row, 1, 1, column * side, row * side, side, side);
  }
}
