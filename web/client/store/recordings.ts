/**
 * What is being said, piece by piece: a phone that dies with the microphone open loses at most the last second of it.
 * The pieces lie in `meta` until the whole is in its form, or until the next start puts together what is there.
 */

import { sha256Of } from "../model/hash";
import { waveOf } from "../model/wave";
import { open } from "./codec";
import type { Database } from "./database";
import type { Said } from "./drafts";
import { keepDraft, holdBytes } from "./unkept";

/** Shorter than this somebody has only touched the button. */
export const SHORTEST_MS = 500;

export interface Piece {
  data: ArrayBuffer;
  type: string;
  /** How much had been said when it ended. */
  ms: number;
  /** How loud it was from the beginning to here, ten times a second. */
  levels: number[];
  taken_at: string;
}

const PREFIX = "recording:";
const keyOf = (draft: string, nth: number): string => `${PREFIX}${draft}:${String(nth).padStart(4, "0")}`;
const draftIn = (key: string): string => key.split(":")[1]!;
/** Held while somebody speaks, so that another page of the same phone leaves the pieces alone. */
const lockOf = (db: Database, draft: string): string => `${db.name}:${PREFIX}${draft}`;

export async function keepPiece(db: Database, draft: string, nth: number, piece: Piece): Promise<void> {
  await db.run(() => db.transaction("rw", db.meta, () => db.set(keyOf(draft, nth), piece)));
}

/** The whole is in its form, or was too short. */
export async function forgetPieces(db: Database, draft: string): Promise<void> {
  await db.run(() => db.meta.where("key").startsWith(`${PREFIX}${draft}:`).delete());
}

export async function together(pieces: readonly Piece[]): Promise<Said | null> {
  const last = pieces.at(-1);
  if (!last || last.ms < SHORTEST_MS) return null;
  const { type, ms, taken_at } = last;
  const data = await new Blob(pieces.map((piece) => piece.data)).arrayBuffer();
  return { voice: { sha256: await sha256Of(data), type, bytes: data.byteLength, ms, wave: waveOf(last.levels), taken_at }, data };
}

/** As long as `over` takes, these pieces are spoken for. Where the browser has no locks, nobody else asks for them either. */
export function speaking(db: Database, draft: string, over: Promise<void>): void {
  void navigator.locks?.request(lockOf(db, draft), () => over);
}

/** Of what was said about a record itself, and in no form: true once nothing more is to be kept of it. */
export type Elsewhere = (record: string, said: Said) => Promise<boolean>;

/** At the start, before any form is opened: what was being said when the phone died comes into its form, or to its record. */
export async function findHalfSaid(db: Database, elsewhere: Elsewhere = async () => true): Promise<void> {
  const keys = (await db.meta.where("key").startsWith(PREFIX).primaryKeys()).map(draftIn);
  for (const draft of new Set(keys)) {
    if (!navigator.locks) await putIn(db, draft, elsewhere);
    else await navigator.locks.request(lockOf(db, draft), { ifAvailable: true }, async (free) => free && putIn(db, draft, elsewhere));
  }
}

async function putIn(db: Database, id: string, elsewhere: Elsewhere): Promise<void> {
  const rows = await db.meta.where("key").startsWith(`${PREFIX}${id}:`).sortBy("key");
  const said = await together(rows.map((row) => row.value as Piece));
  const row = await db.drafts.get(id);
  if (said && row && !row.binned) {
    const draft = open(row.body);
    const voices = draft.voices ?? [];
    // The whole may have come into its form in the very last moment.
    if (!voices.some((each) => each.taken_at === said.voice.taken_at)) {
      holdBytes([{ sha256: said.voice.sha256, type: said.voice.type, pulled_for: null, data: said.data }]);
      await keepDraft(db, { ...draft, voices: [...voices, said.voice], changed_at: Date.now() });
    }
  } else if (said && !row && !(await elsewhere(id, said))) return;
  await forgetPieces(db, id);
}
