/** What stands in each table of an account's database. Index fields are outside, the rest is sealed. */

import type { BookRecord, Change, Cursor, Fields, HistoryChange, Json, Parked, Receipt } from "../model/wire";
import type { Loss } from "../model/told";
import type { Sealed } from "./codec";

export interface RecordRow {
  id: string;
  book: string;
  type: string;
  seq: number;
  /** Of the pull that last named it; after a restart what bears an older one is swept (S8). */
  sweep: number;
  /** It did not come back after the server was restored: shown, not erased (L3). */
  aside: 0 | 1;
  body: Sealed<BookRecord>;
}

/** A change that the server has not answered. */
export interface OutboxRow {
  id: string;
  record: string;
  book: string;
  /** Not sent before this moment (ms): the ten seconds in which it can be taken back. */
  after: number;
  body: Sealed<Change>;
}

/** An answered change; `resend` while the server, restored from a backup, has to be told again. */
export interface JournalRow {
  id: string;
  record: string;
  book: string;
  answered_at: number;
  resend: 0 | 1;
  /** It may still lie over its record; it comes off when held, and when the record is forgotten (O5). */
  laid: 0 | 1;
  /** The device that got the receipt. */
  device?: string;
  /** How often a proof has put it back to be sent again. */
  resent?: number;
  body: Sealed<{ change: Change; receipt: Receipt; fate?: Fate }>;
}

/** What the people of the book made of a change that was held for them, or handed on to them. */
export type Fate = Pick<Parked, "state" | "decided" | "for_book">;

/** A change that was not taken, with the reason: the server's, or one of the phone's own. */
export interface RefusedRow {
  id: string;
  record: string;
  book: string;
  at: number;
  put_aside: 0 | 1;
  /** The server holds it too, whole (X6); 0 of one that never fitted into a call. */
  sent?: 0 | 1;
  /** Handed on to the people of its book: 1 as soon as there is a line, 2 once they have it. */
  ask?: 0 | 1 | 2;
  resent?: number;
  /** The change that was sent in its place. */
  mended?: string | null;
  body: Sealed<{ change: Change; reason: string; errors: Receipt["errors"]; fate?: Fate }>;
}

/** Something of one's own that stands aside now; told once (M8). */
export interface TellingRow {
  /** CHANGE:FIELD:KEY */
  id: string;
  record: string;
  state: "new" | "known" | "restored";
  at: number;
  body: Sealed<Loss>;
}

export interface Picture {
  sha256: string;
  preview: string;
  type: string;
  bytes: number;
  width: number;
  height: number;
  taken_at: string;
  /** Bytes of the preview; known of those that were made here. */
  preview_bytes?: number;
}

/** Something said into the phone, at most a minute. */
export interface Voice {
  sha256: string;
  type: string;
  bytes: number;
  ms: number;
  /** How loud it is, from its beginning to its end, 0 to 31. */
  wave: number[];
  taken_at: string;
}

export type DraftKind = "report" | "resolve" | "add" | "hold";

/** Something that is being written (找碴本): on disk after every keystroke. */
export interface Draft {
  id: string;
  kind: DraftKind;
  /** The case that it is about; of a new report the id that its record will have. */
  record: string;
  /** What the form knew of the record when it was opened; null for a new report. */
  base: { seen: number; knew: string | null; status: string; cycle: number } | null;
  book: string;
  category: string | null;
  /** "" in a form about a case that is there, while nothing new is said of it. */
  severity: string;
  note: string;
  place_id: string | null;
  place_guess: string;
  place_note: string;
  gps: Json;
  /** Until when something is put on hold, as an instant. */
  until: string | null;
  pictures: Picture[];
  voices?: Voice[];
  changed_at: number;
  /** Refused changes that this one is sent in place of. */
  mends?: string[];
  /** Why they were not taken, in words. */
  why?: string;
  /** What stood in them and this form does not show. */
  more?: Fields;
}

export interface DraftRow {
  id: string;
  changed_at: number;
  /** Taken back within ten seconds; gone for good at the next start. */
  binned: 0 | 1;
  body: Sealed<Draft>;
}

/** Written once, never rewritten: an ArrayBuffer, because WebKit loses Blobs. */
export interface BytesRow {
  sha256: string;
  type: string;
  /** The record that it was pulled for; null for what was made on this phone. */
  pulled_for: string | null;
  data: ArrayBuffer;
}

export interface UploadRow {
  sha256: string;
  change: string;
  record: string;
  book: string;
  kind: "preview" | "voice" | "full";
  /** "refused": the server can never take these bytes. "lost": the phone has them no more. Both are shown. */
  state: "waiting" | "done" | "refused" | "lost";
  size: number;
  type: string;
  /** Where the transfer goes on, once the server has named it. */
  url: string | null;
  /** Bytes were spoilt on the way: in small pieces from now on, each with a check sum. */
  careful?: 1;
}

export interface CursorRow {
  book: string;
  cursor: Cursor | null;
  /** Number of the sweep that is under way, 0 if none. */
  sweep: number;
  /** What does not come back in this sweep is set aside and not erased. */
  aside: 0 | 1;
  /** The person lost the place: erased as soon as everything for it was sent. */
  dropped: 0 | 1;
}

export interface TrailRow {
  record: string;
  seq: number;
  body: Sealed<HistoryChange[]>;
}

export interface MetaRow {
  key: string;
  value: unknown;
}
