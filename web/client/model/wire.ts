/** The shapes of protocol 1 as they travel (see sync/SPEC.md). Nothing here runs. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Fields = { [name: string]: Json };

export type Outcome = "applied" | "merged" | "conflict" | "held" | "refused";
export type Mark = "merged" | "kept_other" | "conflict";
/** seq, id of the change at that seq, opaque token of the person's scope. */
export type Cursor = [number, string | null, string];

export interface Change {
  id: string;
  book: string;
  record: string;
  type: string;
  schema: number;
  epoch: string | null;
  seen: number;
  made_at: string;
  create?: true;
  set?: Fields;
  void?: boolean;
}

export interface Standing {
  value: Json;
  by: string;
  at: string;
  change: string;
}

export interface BookRecord {
  id: string;
  type: string;
  book: string;
  seq: number;
  schema: number;
  fields: Fields;
  by: string;
  made_at: string;
  changed_at: string;
  void: boolean;
  conflicts?: { [field: string]: Standing[] | { [key: string]: Standing[] } };
  others?: { [field: string]: Standing[] | { [key: string]: Standing[] } };
  /** It has gone into this other book, under the same id: what is here is only its stub (S7). */
  moved_to?: string;
}

export interface Receipt {
  index: number;
  id: string | null;
  outcome: Outcome;
  seq: number | null;
  fields: { [field: string]: Mark };
  reason: string | null;
  errors: { [field: string]: string[] } | null;
}

export interface BookPage {
  book: string;
  cursor: Cursor;
  head: number;
  restart: boolean;
  erased: string[];
  forget: string[];
  records: BookRecord[];
}

export interface SyncCall {
  protocol: 1;
  device: string;
  epoch: string | null;
  last: string | null;
  newest: string | null;
  cursors: { [book: string]: Cursor };
  changes: Change[];
  limit: number;
  /** Say which pictures and voice notes are named and not there. */
  missing?: true;
}

export interface SyncReply {
  protocol: 1;
  epoch: string;
  server_time: string;
  receipts: Receipt[];
  books: BookPage[];
  dropped: string[];
  busy: string[];
  reoffer: boolean;
  more: boolean;
  /** SHA-256 of what should be sent, or sent again. */
  missing?: string[];
  upgrade?: boolean;
}

export interface BookInfo {
  book: string;
  name: string;
  kind: string;
  access: "write" | "read";
  /** What is said aloud: LW1. */
  code?: string;
  scope?: { [key: string]: Json };
}

/** One post that somebody holds, as `GET /api/v1/colleagues` tells it. */
export interface Colleague {
  id: string;
  name: string;
  role: string;
  place: string;
  /** For work, given by the person. */
  phone: string | null;
}

/** Body of /api/v1/session. */
export interface Session {
  account: { id: string; name: string; login?: string; language?: string; roles: { role: string; place: string; unit?: string }[] };
  device: string;
  books: BookInfo[];
}

export interface Problem {
  code: string;
  status: number;
  [detail: string]: unknown;
}

/** What became of a change that is not in its book, as `GET /api/v1/parked` tells its author. */
export interface Parked {
  change: Change;
  state: "held" | "refused" | "asked" | "let_in" | "declined";
  reason: string;
  at: string;
  book: string;
  decided: { by: string; at: string; note: string | null } | null;
  /** It waits for the people of another book than it was written for. */
  for_book: string | null;
  for_book_name?: string | null;
  handed_to: string | null;
}

/** One accepted change, as `GET /api/v1/records/{id}/history` tells it. */
export interface HistoryChange {
  id: string;
  seq: number;
  device: string;
  by: string;
  at: string;
  made_at: string;
  set: Fields;
  void: boolean | null;
  outcome: Outcome;
  via: string | null;
}
