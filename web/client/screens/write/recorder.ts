/** A minute of voice at most, as small as a phone can make it; how loud it is, is known while it is said. */

import { levelOf } from "../../model/wave";
import type { Said } from "../../store/drafts";
import { together, type Piece } from "../../store/recordings";

export const LONGEST_MS = 60_000;
const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const BITS_A_SECOND = 24_000;
const LISTEN_MS = 100;
/** So often the browser hands over what it has: what is written down by then outlives the page. */
const PIECE_MS = 500;

export const canRecord = (): boolean => typeof MediaRecorder !== "undefined" && kindOf() !== undefined && navigator.mediaDevices !== undefined;

const kindOf = (): string | undefined => KINDS.find((each) => MediaRecorder.isTypeSupported(each));

export interface Hearing {
  /** Called ten times a second while it records. */
  heard(ms: number, levels: readonly number[]): void;
  /** It has come to its end: by the button, by the minute, or because nobody was looking any more. */
  ended(said: Said | null): void;
  /** What was said since the piece before it; called in their order. */
  piece(nth: number, piece: Piece): void;
}

export interface Recording {
  stop(): void;
}

/** Throws where the microphone is refused or missing. */
export async function record({ heard, ended, piece }: Hearing): Promise<Recording> {
  const sound = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true, echoCancellation: true } });
  const recorder = new MediaRecorder(sound, { mimeType: kindOf()!, audioBitsPerSecond: BITS_A_SECOND });
  const ears = listenTo(sound);
  const levels: number[] = [];
  const pieces: Piece[] = [];
  let coming: Promise<void> = Promise.resolve();
  const taken_at = new Date().toISOString();
  const began = performance.now();
  const since = (): number => Math.min(LONGEST_MS, Math.round(performance.now() - began));
  let ms = 0;
  const stop = (): void => {
    if (recorder.state === "inactive") return;
    ms = since();
    recorder.stop();
  };
  const timer = setInterval(() => {
    levels.push(ears.level());
    heard(since(), levels);
    // Nobody is recorded without seeing it.
    if (since() >= LONGEST_MS || document.visibilityState === "hidden") stop();
  }, LISTEN_MS);
  recorder.ondataavailable = ({ data }) => {
    const now = { type: recorder.mimeType.split(";")[0]!, ms: ms || since(), levels: [...levels], taken_at };
    coming = coming.then(async () => {
      pieces.push({ ...now, data: await data.arrayBuffer() });
      piece(pieces.length, pieces.at(-1)!);
    });
  };
  recorder.onstop = () => {
    clearInterval(timer);
    ears.close();
    for (const track of sound.getTracks()) track.stop();
    void coming.then(() => together(pieces)).then(ended, () => ended(null));
  };
  for (const track of sound.getTracks()) track.onended = stop; // a call comes in, the microphone is pulled out
  recorder.start(PIECE_MS);
  return { stop };
}

function listenTo(sound: MediaStream): { level(): number; close(): void } {
  const context = new AudioContext();
  const ear = context.createAnalyser();
  ear.fftSize = 1024;
  context.createMediaStreamSource(sound).connect(ear);
  const samples = new Uint8Array(ear.fftSize);
  return {
    level: () => {
      ear.getByteTimeDomainData(samples);
      return levelOf(samples);
    },
    close: () => void context.close(),
  };
}
