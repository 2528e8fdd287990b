/** A picture pressed into what travels: twice, once to look at and once as a preview. Runs in a worker (press.worker.ts), or on the page. */

export const TYPE = "image/jpeg";
export const FULL = { side: 1600, bytes: 300 * 1024 };
const PREVIEW = { side: 360, bytes: 20_000 };
/** Best and worst that is still worth looking at. What is not small enough then is made smaller instead. */
const QUALITY = { most: 0.82, least: 0.4 };
const HALVINGS = 3;

type Canvas = HTMLCanvasElement | OffscreenCanvas;
export type Drawn = Canvas | ImageBitmap | VideoFrame;

export interface Squeezed {
  data: ArrayBuffer;
  width: number;
  height: number;
}

export interface Pressed {
  full: Squeezed;
  preview: Squeezed;
}

export async function press(picture: Drawn): Promise<Pressed> {
  return { full: await squeeze(picture, FULL), preview: await squeeze(picture, PREVIEW) };
}

/** The size in which a picture travels: never larger than it is. */
export function fitted(width: number, height: number, side: number): [number, number] {
  const scale = Math.min(1, side / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** Drawn anew, which also leaves out where and with what it was taken. */
export function draw(source: CanvasImageSource, width: number, height: number, side: number): Canvas {
  const canvas = blank(...fitted(width, height, side));
  const pen = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D; // the same pen on either
  pen.fillStyle = "#fff"; // what is clear becomes paper, and not night
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const sizeOf = (picture: Drawn): [number, number] => ("displayWidth" in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height]);

function blank(width: number, height: number): Canvas {
  if (typeof OffscreenCanvas !== "undefined") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

/** A canvas keeps its memory until somebody tidies up; on a small phone that is too late. */
export function free(picture: Drawn): void {
  if ("close" in picture) picture.close();
  else picture.width = picture.height = 0;
}

/** At most six sizes with five tries each; in practice one or two of the first. */
async function squeeze(picture: Drawn, wanted: { side: number; bytes: number }): Promise<Squeezed> {
  for (let side = wanted.side; ; side = Math.round(side * 0.75)) {
    const canvas = draw(picture, ...sizeOf(picture), side);
    const { width, height } = canvas;
    const found = await best((quality) => encode(canvas, quality), wanted.bytes, side < 400 && side < wanted.side / 4);
    free(canvas);
    if (found) return { data: await found.arrayBuffer(), width, height };
  }
}

/** The largest that is small enough, by halving the range of qualities; null if none is (or, `anyhow`, the smallest). */
export async function best<T extends { size: number }>(
  encode: (quality: number) => Promise<T>, bytes: number, anyhow: boolean,
): Promise<T | null> {
  const most = await encode(QUALITY.most);
  if (most.size <= bytes) return most;
  let found: T = await encode(QUALITY.least);
  if (found.size > bytes) return anyhow ? found : null;
  let [low, high] = [QUALITY.least, QUALITY.most];
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const quality = (low + high) / 2;
    const tried = await encode(quality);
    if (tried.size <= bytes) [found, low] = [tried, quality];
    else high = quality;
  }
  return found;
}

function encode(canvas: Canvas, quality: number): Promise<Blob> {
  if ("convertToBlob" in canvas) return canvas.convertToBlob({ type: TYPE, quality });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), TYPE, quality);
  });
}
