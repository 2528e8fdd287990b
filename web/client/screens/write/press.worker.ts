/** Presses pictures beside the page: on a slow phone a third of a second each, in which nothing else would answer a thumb. */

import { free, press } from "./press";

addEventListener("message", ({ data }: MessageEvent<{ number: number; picture: ImageBitmap }>) => {
  press(data.picture).then(
    (pressed) => postMessage({ number: data.number, pressed }, { transfer: [pressed.full.data, pressed.preview.data] }),
    () => postMessage({ number: data.number }),
  ).finally(() => free(data.picture));
});
