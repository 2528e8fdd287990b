/** One account's database on this phone (S5): its tables, and the way back when the browser drops the handle. */

import Dexie, { type Table } from "dexie";

import type {
  BytesRow, CursorRow, DraftRow, JournalRow, MetaRow, OutboxRow, RecordRow, RefusedRow, TellingRow, TrailRow, UploadRow,
} from "./rows";
import type { SheetRow } from "./sheets";

/** The browser would not write, also not on a second try. What is on the screen must stay there. */
export class NotSaved extends Error {
  constructor(readonly full: boolean, cause: unknown) {
    super("not saved", { cause });
  }
}

export class Database extends Dexie {
  records!: Table<RecordRow, string>;
  outbox!: Table<OutboxRow, string>;
  journal!: Table<JournalRow, string>;
  refused!: Table<RefusedRow, string>;
  drafts!: Table<DraftRow, string>;
  bytes!: Table<BytesRow, string>;
  uploads!: Table<UploadRow, string>;
  cursors!: Table<CursorRow, string>;
  trails!: Table<TrailRow, string>;
  tellings!: Table<TellingRow, string>;
  sheets!: Table<SheetRow, string>;
  meta!: Table<MetaRow, string>;
  private retired = false;

  constructor(server: string, account: string) {
    super(`gridwalk:${server}:${account}`, { chromeTransactionDurability: "strict" });
    this.version(1).stores({
      records: "id, book, type, [book+type]",
      outbox: "id, record, book",
      journal: "id, record, book, answered_at, resend",
      refused: "id, record, book",
      drafts: "id, changed_at",
      bytes: "sha256, pulled_for",
      uploads: "sha256, change, record, book, state",
      cursors: "book",
      trails: "record",
      meta: "key",
    });
    this.version(2).stores({ tellings: "id, record" });
    this.version(3).stores({ sheets: "id, changed_at" });
    // By type and in slices; Dexie serves a question for the type alone from it as well. Doors are found in memory.
    this.version(4).stores({ records: "id, book, [type+id]" });
  }

  /** Do `work`; when the handle turns out dead (Safari, a full phone), open anew and try once more. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.retired || !isDeadHandle(error)) throw notSavedOr(error);
    }
    this.close({ disableAutoOpen: false });
    try {
      await this.open();
      return await work();
    } catch (error) {
      throw notSavedOr(error);
    }
  }

  /** Its person has left: it is closed, and nothing that still comes in opens it again. */
  retire(): void {
    this.retired = true;
    this.close();
  }

  async get<T>(key: string): Promise<T | null> {
    return ((await this.meta.get(key))?.value as T | undefined) ?? null;
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.meta.put({ key, value });
  }
}

const DEAD = new Set(["DatabaseClosedError", "InvalidStateError", "UnknownError", "TimeoutError", "OpenFailedError"]);
const FULL = "QuotaExceededError";

function nameOf(error: unknown): string {
  const inner = (error as { inner?: unknown } | null)?.inner;
  const name = (error as { name?: string } | null)?.name ?? "";
  return name === "AbortError" && inner ? nameOf(inner) : name;
}

/** The phone has no room left. */
export function isFull(error: unknown): boolean {
  return error instanceof NotSaved ? error.full : nameOf(error) === FULL;
}

function isDeadHandle(error: unknown): boolean {
  return DEAD.has(nameOf(error));
}

function notSavedOr(error: unknown): unknown {
  const name = nameOf(error);
  return DEAD.has(name) || name === FULL || name === "AbortError" ? new NotSaved(name === FULL, error) : error;
}
