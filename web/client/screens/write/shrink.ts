/** From what the camera or the gallery gives to what travels: ≤ 1600 px and ≤ 300 KB, and a preview of ≤ 20 kB. */

import { sha256Of } from "../../model/hash";
import type { Shot } from "../../store/drafts";

const TYPE = "image/jpeg";
const FULL = { side: 1600, bytes: 300 * 1024, qualities: [0.85, 0.75, 0.65, 0.5, 0.4] };
const PREVIEW = { side: 360, bytes: 20_000, qualities: [0.7, 0.55, 0.4, 0.25] };

/** Drawing the picture anew also leaves out where and with what it was taken. */
export async function shrink(source: Blob | HTMLVideoElement): Promise<Shot> {
  const bitmap = await createImageBitmap(source);
  try {
    const full = await squeeze(bitmap, FULL);
    const preview = await squeeze(bitmap, PREVIEW);
    const [sha256, previewSha] = await Promise.all([sha256Of(full.data), sha256Of(preview.data)]);
    const { width, height } = full;
    const picture = { sha256, preview: previewSha, type: TYPE, bytes: full.data.byteLength, width, height, taken_at: new Date().toISOString() };
    return { picture, full: full.data, preview: preview.data };
  } finally {
    bitmap.close();
  }
}

interface Wanted {
  side: number;
  bytes: number;
  qualities: number[];
}

async function squeeze(bitmap: ImageBitmap, wanted: Wanted): Promise<{ data: ArrayBuffer; width: number; height: number }> {
  for (let side = wanted.side; ; side = Math.round(side * 0.75)) {
    const canvas = draw(bitmap, side);
    for (const quality of wanted.qualities) {
      const blob = await encode(canvas, quality);
      if (blob.size <= wanted.bytes || side < 120) {
        return { data: await blob.arrayBuffer(), width: canvas.width, height: canvas.height };
      }
    }
  }
}

function draw(bitmap: ImageBitmap, side: number): HTMLCanvasElement {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function encode(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), TYPE, quality);
  });
}
