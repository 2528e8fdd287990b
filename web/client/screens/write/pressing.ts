/** Lets a worker press a picture; where there is none, or it fails or falls silent, the page does it itself. */

import { free, press, type Drawn, type Pressed } from "./press";

/** Milliseconds after which nobody waits for it any more: the slowest phone needs some seconds. */
const PATIENCE = 20_000;

let worker: Worker | null = null;
let last = 0;

/** The picture is let go afterwards. */
export async function pressedAside(picture: Drawn): Promise<Pressed> {
  try {
    return (await aside(picture)) ?? (await press(picture));
  } finally {
    free(picture);
  }
}

async function aside(picture: Drawn): Promise<Pressed | null> {
  if (typeof OffscreenCanvas === "undefined") return null;
  try {
    // A copy travels: the worker may fail, and then it is needed here.
    return await asked("clone" in picture ? picture.clone() : await createImageBitmap(picture));
  } catch {
    return null;
  }
}

function asked(picture: ImageBitmap | VideoFrame): Promise<Pressed | null> {
  const hand = (worker ??= new Worker(new URL("./press.worker.ts", import.meta.url), { type: "module" }));
  const number = (last += 1);
  return new Promise((resolve) => {
    const end = (pressed: Pressed | null): void => {
      clearTimeout(timer);
      hand.removeEventListener("message", told);
      hand.removeEventListener("error", broken);
      resolve(pressed);
    };
    const told = ({ data }: MessageEvent<{ number: number; pressed?: Pressed }>): void => {
      if (data.number === number) end(data.pressed ?? null);
    };
    const broken = (): void => {
      hand.terminate();
      if (worker === hand) worker = null;
      end(null);
    };
    const timer = setTimeout(broken, PATIENCE);
    hand.addEventListener("message", told);
    hand.addEventListener("error", broken);
    hand.postMessage({ number, picture }, [picture]);
  });
}
