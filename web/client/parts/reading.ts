/** Reads QR codes: with the browser's own reader where there is one that works, else with ours, fetched when it is needed. */

const LONG_SIDE = 1000;
const FORMAT = "qr_code";

interface Detector {
  detect(image: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

export interface Reader {
  /** What the picture says now; null where there is no code in it. */
  read(source: HTMLVideoElement): Promise<string | null>;
  /** Of a picture that somebody chose: with more patience. */
  readFile(file: Blob): Promise<string | null>;
}

export async function openReader(): Promise<Reader> {
  const own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (own && (await works(own))) return native(new own({ formats: [FORMAT] }));
  return bundled();
}

/** On some phones it is there, and knows no format: the part of the system that it needs is missing. */
async function works(own: DetectorClass): Promise<boolean> {
  return own.getSupportedFormats().then((formats) => formats.includes(FORMAT), () => false);
}

function native(detector: Detector): Reader {
  const read = (image: ImageBitmapSource): Promise<string | null> =>
    detector.detect(image).then((found) => found[0]?.rawValue ?? null, () => null);
  return { read, readFile: async (file) => read(await createImageBitmap(file)) };
}

async function bundled(): Promise<Reader> {
  const { decodeQR } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return { read: async () => null, readFile: async () => null };
  const decode = (source: CanvasImageSource, width: number, height: number, patient: boolean): string | null => {
    const scale = Math.min(1, LONG_SIDE / Math.max(width, height, 1));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(pixels, patient ? { effort: Infinity, timeLimit: Infinity } : {});
    } catch {
      return null; // its way of saying: no code
    }
  };
  return {
    read: async (video) => (video.videoWidth ? decode(video, video.videoWidth, video.videoHeight, false) : null),
    readFile: async (file) => {
      const image = await createImageBitmap(file).catch(() => null);
      return image && decode(image, image.width, image.height, true);
    },
  };
}
