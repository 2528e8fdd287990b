/**
 * The phone keeps what it needs and no more: what is finished leaves it after the type's `phone_days`. The server has it, whoever
 * searches there finds it; should it change, it comes again. Nothing leaves of which anything here waits to be confirmed.
 */

import { TYPES, type DeclaredType, type Declarations } from "../model/declared";
import type { BookRecord } from "../model/wire";
import { open } from "./codec";
import type { Database } from "./database";
import { note, tell } from "./shelf";

const DAY_MS = 86_400_000;
/** As long as the phone follows the book. */
const FOREVER = 3650;
const AGAIN_MS = 20 * 3_600_000;
const KEY = "tidied_at";

/** At most once a day; how many records have left. */
export async function tidyDaily(db: Database, now: number): Promise<number> {
  const before = (await db.get<number>(KEY)) ?? 0;
  if (now >= before && now - before < AGAIN_MS) return 0;
  const left = await tidy(db, now);
  await pruneJournal(db, now);
  await db.set(KEY, now);
  return left;
}

export const JOURNAL_DAYS = 30;

/** What was answered more than 30 days ago and has no picture on its way leaves the journal. `now` as the server would say. */
export async function pruneJournal(db: Database, now: number): Promise<void> {
  await db.run(() =>
    db.transaction("rw", [db.journal, db.uploads, db.bytes, db.refused, db.tellings], async () => {
      const before = now - JOURNAL_DAYS * 86_400_000;
      await db.refused.filter((row) => row.mended != null && row.at < before).delete();
      await db.tellings.filter((row) => row.state !== "new" && row.at < before).delete();
      const old = await db.journal.where("answered_at").below(before).toArray();
      for (const row of old) {
        const uploads = await db.uploads.where("change").equals(row.id).toArray();
        if (uploads.some((upload) => upload.state === "waiting")) continue;
        for (const upload of uploads) await db.bytes.delete(upload.sha256);
        await db.uploads.where("change").equals(row.id).delete();
        await db.journal.delete(row.id);
      }
    }),
  );
}

export async function tidy(db: Database, now: number, types: Declarations = TYPES): Promise<number> {
  const old = await db.run(() => finished(db, now, types));
  if (old.length === 0) return 0;
  return db.run(() =>
    db.transaction("rw", [db.records, db.outbox, db.journal, db.refused, db.uploads, db.tellings, db.trails, db.bytes, db.meta], async () => {
      let left = 0;
      for (const { id, type } of old) {
        const row = await db.records.get(id);
        const still = row && isOver(open(row.body), types[type]!, now); // it may have changed since the look
        if (still && (await isConfirmed(db, open(row.body)))) left += await leave(db, open(row.body));
      }
      await tell(db);
      return left;
    }),
  );
}

async function finished(db: Database, now: number, types: Declarations): Promise<Pick<BookRecord, "id" | "type">[]> {
  const found: Pick<BookRecord, "id" | "type">[] = [];
  for (const type of Object.values(types).filter((each) => (each.phone_days ?? FOREVER) < FOREVER)) {
    await db.records.where("type").equals(type.type).each(({ id, aside, body }) => {
      if (aside === 0 && isOver(open(body), type, now)) found.push({ id, type: type.type });
    });
  }
  return found;
}

/** It has ended (of what has no end: nothing is left to come), and nothing was said of it for so long. */
function isOver({ fields, changed_at }: BookRecord, type: DeclaredType, now: number): boolean {
  const step = Object.entries(type.fields).find(([, field]) => field.kind === "step");
  const status = step ? (fields[step[0]] as { status?: string } | undefined)?.status : null;
  if (step?.[1].ends?.length && !step[1].ends.includes(status ?? "")) return false;
  const times = Object.entries(type.fields).filter(([, { kind }]) => kind === "instant" || kind === "date").map(([name]) => Date.parse(String(fields[name] ?? "")));
  const last = Math.max(Date.parse(changed_at), ...times.filter(Number.isFinite));
  return now - last > type.phone_days! * DAY_MS;
}

async function isConfirmed(db: Database, { id, seq }: BookRecord): Promise<boolean> {
  if ((await db.outbox.where("record").equals(id).count()) > 0) return false;
  if ((await db.uploads.where("record").equals(id).filter((row) => row.state === "waiting").count()) > 0) return false;
  if ((await db.tellings.where("record").equals(id).filter((row) => row.state === "new").count()) > 0) return false;
  if ((await db.refused.where("record").equals(id).filter((row) => row.mended == null).count()) > 0) return false;
  const ahead = db.journal.where("record").equals(id).filter((row) => row.resend === 1 || (row.laid === 1 && (open(row.body).receipt.seq ?? 0) > seq));
  return (await ahead.count()) === 0;
}

async function leave(db: Database, { id, type }: BookRecord): Promise<1> {
  note(type, id);
  await db.records.delete(id);
  await db.trails.delete(id);
  await db.bytes.where("pulled_for").equals(id).delete();
  // What was written here and is in the record is not laid over nothing.
  await db.journal.where("record").equals(id).modify({ laid: 0 });
  return 1;
}
