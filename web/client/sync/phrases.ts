/** The phrases that phone and server both know, and what packs with them. A file of its own: the app starts without it. */

import { unzlibSync, zlibSync } from "fflate";

import text from "../../../api/phrases.gen.txt?raw";

const dictionary = new TextEncoder().encode(text);

export function pack(text: string): ArrayBuffer {
  return zlibSync(new TextEncoder().encode(text), { level: 9, dictionary }).slice().buffer as ArrayBuffer;
}

/** Throws where it is no whole stream. */
export function unpack(data: ArrayBuffer): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(unzlibSync(new Uint8Array(data), { dictionary }));
}
