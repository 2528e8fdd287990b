/** From what the camera or the gallery gives to what travels: ≤ 1600 px and ≤ 300 KB, and a preview of ≤ 20 kB. */

import { sha256Of } from "../../model/hash";
import type { Shot } from "../../store/drafts";

const TYPE = "image/jpeg";
const FULL = { side: 1600, bytes: 300 * 1024 };
const PREVIEW = { side: 360, bytes: 20_000 };
/** Best and worst that is still worth looking at. What is not small enough then is made smaller instead. */
const QUALITY = { most: 0.82, least: 0.4 };
const HALVINGS = 3;

export type Source = Blob | HTMLVideoElement | HTMLCanvasElement;

/** Drawing the picture anew also leaves out where and with what it was taken. Throws where nothing can be read. */
export async function shrink(source: Source, taken_at = new Date().toISOString()): Promise<Shot> {
  const canvas = await drawn(source);
  try {
    const full = await squeeze(canvas, FULL);
    const preview = await squeeze(canvas, PREVIEW);
    const [sha256, previewSha] = await Promise.all([sha256Of(full.data), sha256Of(preview.data)]);
    const { width, height } = full;
    const [bytes, preview_bytes] = [full.data.byteLength, preview.data.byteLength];
    const picture = { sha256, preview: previewSha, type: TYPE, bytes, preview_bytes, width, height, taken_at };
    return { picture, full: full.data, preview: preview.data };
  } finally {
    free(canvas);
  }
}

/** The size in which a picture travels: never larger than it is. */
export function fitted(width: number, height: number, side: number): [number, number] {
  const scale = Math.min(1, side / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** On a canvas, upright, in the size in which it travels. Twelve megapixels are 48 MB: they are let go at once. */
async function drawn(source: Source): Promise<HTMLCanvasElement> {
  if (source instanceof HTMLVideoElement) return draw(source, source.videoWidth, source.videoHeight, FULL.side);
  if (source instanceof HTMLCanvasElement) return draw(source, source.width, source.height, FULL.side);
  const url = URL.createObjectURL(source);
  const image = new Image();
  try {
    image.src = url;
    await loaded(image); // knows its size, as it is meant to be seen, before anything is unpacked
    const [width, height] = fitted(image.naturalWidth, image.naturalHeight, FULL.side);
    const small = await unpacked(source, width, height);
    const canvas = draw(small ?? image, small?.width ?? image.naturalWidth, small?.height ?? image.naturalHeight, FULL.side);
    small?.close();
    return canvas;
  } finally {
    image.src = "";
    URL.revokeObjectURL(url);
  }
}

function loaded(image: HTMLImageElement): Promise<void> {
  return new Promise((resolve, reject) => {
    image.onload = () => resolve();
    image.onerror = () => reject(new Error("no picture"));
  });
}

/** Made small while it is unpacked, where the browser can; null where it cannot, or turns it the wrong way. */
async function unpacked(source: Blob, width: number, height: number): Promise<ImageBitmap | null> {
  try {
    const small = await createImageBitmap(source, { resizeWidth: width, resizeHeight: height, resizeQuality: "high", imageOrientation: "from-image" });
    if (small.width === width && small.height === height) return small;
    small.close();
  } catch {
    // An older browser: the picture is drawn from its element.
  }
  return null;
}

function draw(source: CanvasImageSource, width: number, height: number, side: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = fitted(width, height, side);
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = "#fff"; // what is clear becomes paper, and not night
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A canvas keeps its memory until somebody tidies up; on a small phone that is too late. */
function free(canvas: HTMLCanvasElement): void {
  canvas.width = canvas.height = 0;
}

interface Squeezed {
  data: ArrayBuffer;
  width: number;
  height: number;
}

/** At most six sizes with five tries each; in practice one or two of the first. */
async function squeeze(picture: HTMLCanvasElement, wanted: { side: number; bytes: number }): Promise<Squeezed> {
  for (let side = wanted.side; ; side = Math.round(side * 0.75)) {
    const canvas = draw(picture, picture.width, picture.height, side);
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

function encode(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), TYPE, quality);
  });
}
