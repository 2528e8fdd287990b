/** From what the camera or the gallery gives to what travels: ≤ 1600 px and ≤ 300 KB, and a preview of ≤ 20 kB. */

import { sha256Of } from "../../model/hash";
import type { Shot } from "../../store/drafts";
import { draw, fitted, FULL, TYPE, type Drawn } from "./press";
import { pressedAside } from "./pressing";

export type Source = Blob | HTMLVideoElement | HTMLCanvasElement;

/** Drawing the picture anew also leaves out where and with what it was taken. Throws where nothing can be read. */
export async function shrink(source: Source, taken_at = new Date().toISOString()): Promise<Shot> {
  const { full, preview } = await pressedAside(await drawn(source));
  const [sha256, previewSha] = await Promise.all([sha256Of(full.data), sha256Of(preview.data)]);
  const { width, height } = full;
  const [bytes, preview_bytes] = [full.data.byteLength, preview.data.byteLength];
  const picture = { sha256, preview: previewSha, type: TYPE, bytes, preview_bytes, width, height, taken_at };
  return { picture, full: full.data, preview: preview.data };
}

/** Upright, in the size in which it travels. Twelve megapixels are 48 MB: they are let go at once. */
async function drawn(source: Source): Promise<Drawn> {
  if (source instanceof HTMLVideoElement) return seen(source) ?? draw(source, source.videoWidth, source.videoHeight, FULL.side);
  if (source instanceof HTMLCanvasElement) return draw(source, source.width, source.height, FULL.side);
  const url = URL.createObjectURL(source);
  const image = new Image();
  try {
    image.src = url;
    await loaded(image); // knows its size, as it is meant to be seen, before anything is unpacked
    const [width, height] = fitted(image.naturalWidth, image.naturalHeight, FULL.side);
    return (await unpacked(source, width, height)) ?? draw(image, image.naturalWidth, image.naturalHeight, FULL.side);
  } finally {
    image.src = "";
    URL.revokeObjectURL(url);
  }
}

/** What the camera sees now. To take it costs nothing, to draw it holds a slow page up; null where it cannot be taken, or lies there turned. */
function seen(video: HTMLVideoElement): VideoFrame | null {
  if (typeof VideoFrame === "undefined") return null;
  try {
    const frame: VideoFrame & { rotation?: number } = new VideoFrame(video);
    if (frame.displayWidth === video.videoWidth && frame.displayHeight === video.videoHeight && !frame.rotation) return frame;
    frame.close();
  } catch {
    // Not in this browser: it is drawn from its element.
  }
  return null;
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
