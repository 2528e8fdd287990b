/** Own changes with how far each has come, and what they add up to. Reads only. */

import { ladder, type Ladder } from "../model/ladder";
import type { BookRecord, Change, Outcome, Receipt } from "../model/wire";
import { answered } from "./answered";
import { open } from "./codec";
import type { Database } from "./database";
import { stuckIds } from "./proof";
import type { Fate, JournalRow, RefusedRow, UploadRow } from "./rows";
import { pulseOf, shelved } from "./shelf";

/** One own change with how far it has come. */
export interface Entry {
  change: Change;
  receipt: Receipt | null;
  ladder: Ladder;
  /** When it was answered, ms. */
  at: number | null;
  reason: string | null;
  errors: Receipt["errors"];
  /** What the people of the book made of it. */
  fate: Fate | null;
  /** Of a refused one: where its writer has put it. */
  refused: Pick<RefusedRow, "put_aside" | "sent" | "ask" | "mended"> | null;
}

/** Where an entry belongs: each stands in exactly one list, and in one count. */
export type Standing = "waiting" | "confirmed" | "held" | "refused" | "aside" | "mended";

export function standingOf({ receipt, refused, fate }: Pick<Entry, "receipt" | "refused" | "fate">): Standing {
  if (refused) {
    if (refused.mended) return "mended";
    if (refused.ask) return "held";
    return refused.put_aside ? "aside" : "refused";
  }
  if (!receipt) return "waiting";
  return receipt.outcome === "held" && fate?.state !== "let_in" ? "held" : "confirmed";
}

/** Own changes, newest first: refused ones, unsent ones and those of the last 30 days. */
export async function entries(db: Database): Promise<Entry[]> {
  const [refused, sent, unsent, uploads, pulse] = await db.transaction("r", [db.outbox, db.journal, db.refused, db.uploads, db.meta], () =>
    Promise.all([db.refused.toArray(), answered(db), db.outbox.toArray(), db.uploads.toArray(), pulseOf(db, "case")]));
  const about = facts(uploads, (await shelved(db, "case", pulse)).views);
  const found = new Map<string, Entry>();
  for (const row of refused) found.set(row.id, refusedEntry(row));
  for (const row of sent) found.set(row.id, answeredEntry(row, about));
  for (const row of unsent) {
    const change = open(row.body);
    found.set(row.id, { ...NOTHING, change, ladder: ladder({ ...about(change), outcome: null }) });
  }
  return [...found.values()].sort((a, b) => (a.change.id < b.change.id ? 1 : -1));
}

const NOTHING = { receipt: null, at: null, reason: null, errors: null, fate: null, refused: null };

function refusedEntry(row: RefusedRow): Entry {
  const { change, reason, errors, fate = null } = open(row.body);
  const { put_aside, sent = 1, ask = 0, mended = null } = row;
  const stop = ask ? "held" : "refused";
  const rungs = { rung: "phone", rungs: ["phone", "text", "seen"], stop } as Ladder;
  return { ...NOTHING, change, at: row.at, reason, errors, fate, refused: { put_aside, sent, ask, mended }, ladder: rungs };
}

function answeredEntry(row: JournalRow, about: (change: Change) => Facts): Entry {
  const { change, receipt, fate = null } = open(row.body);
  const outcome: Outcome = fate?.state === "let_in" ? "applied" : receipt.outcome;
  return {
    ...NOTHING, change, receipt, at: row.answered_at, reason: receipt.reason, fate, ladder: ladder({ ...about(change), outcome }),
  };
}

interface Facts {
  pictures: number;
  voices: number;
  picturesLeft: number;
  seen: boolean;
}

function facts(uploads: readonly UploadRow[], cases: ReadonlyMap<string, BookRecord>): (change: Change) => Facts {
  const counted = new Map<string, { all: number; voices: number; left: number }>();
  for (const row of uploads) {
    const counts = counted.get(row.change) ?? { all: 0, voices: 0, left: 0 };
    counts.all += 1;
    if (row.kind === "voice") counts.voices += 1;
    if (row.state !== "done") counts.left += 1;
    counted.set(row.change, counts);
  }
  return (change) => {
    const { all, voices, left } = counted.get(change.id) ?? { all: 0, voices: 0, left: 0 };
    return { pictures: all, voices, picturesLeft: left, seen: change.create === true && Boolean(cases.get(change.record)?.fields.seen_at) };
  };
}

export interface Counts {
  unsent: number;
  /** Full pictures and voice notes that have not arrived. */
  pictures: number;
  /** Voice notes among them. */
  voices?: number;
  /** Pictures and voice notes that cannot be sent: the phone has lost them, or the server cannot read them. */
  spoilt?: number;
  /** In the book, of the last 30 days. */
  confirmed: number;
  /** Refused ones that nobody has put aside, mended or handed on. */
  refused: number;
  /** Waiting for a person. */
  held: number;
  /** Sent again, and still not with the server: the last proof named them. */
  missing?: number;
  /** Ids grow with time: the oldest unsent change. */
  oldest: string | null;
}

export async function counts(db: Database): Promise<Counts> {
  return db.transaction("r", [db.outbox, db.journal, db.refused, db.uploads, db.meta], async () => {
    // In one go, and no row by row: each question of its own holds a slow phone up.
    const left = (["waiting", "refused", "lost"] as const).map((state) => db.uploads.where("state").equals(state).toArray());
    const [unsent, sent, refusedRows, missed, ...rows] = await Promise.all([db.outbox.orderBy("id").primaryKeys(), answered(db), db.refused.toArray(), stuckIds(db), ...left]);
    const found = { waiting: 0, confirmed: 0, held: 0, refused: 0, aside: 0, mended: 0 };
    for (const row of sent) {
      const { receipt, fate = null } = open(row.body);
      found[standingOf({ receipt, fate, refused: null })] += 1;
    }
    const stuck = new Set<string>();
    for (const row of refusedRows) {
      const { refused } = refusedEntry(row);
      found[standingOf({ receipt: null, fate: null, refused })] += 1;
      if (refused?.sent === 0) stuck.add(row.id);
    }
    const bytes = bytesLeft(rows.flat(), stuck);
    const missing = missed.length;
    const { confirmed, held, refused } = found;
    return { unsent: unsent.length, ...bytes, missing, confirmed, held, refused, oldest: unsent[0] ?? null };
  });
}

/** Pictures on their way. Those of a change that the server never got wait with it, and are no business of the line. */
function bytesLeft(all: readonly UploadRow[], stuck: ReadonlySet<string>): Required<Pick<Counts, "pictures" | "voices" | "spoilt">> {
  const rows = all.filter((row) => row.kind !== "preview" && !stuck.has(row.change));
  const left = rows.filter((row) => row.state === "waiting");
  return { pictures: left.length, voices: left.filter((row) => row.kind === "voice").length, spoilt: rows.length - left.length };
}
