/** A reply of the server, taken in whole: receipts, then book by book erasures, farewells and records (O2, O5). */

import type { BookPage, BookRecord, Change, Cursor, Receipt, SyncCall, SyncReply } from "../model/wire";
import { noteCleared, standsOnConsent } from "./cleared";
import { open, seal } from "./codec";
import type { Database } from "./database";
import type { RecordRow, RefusedRow } from "./rows";
import { mark } from "./save";
import { note, tell } from "./shelf";
import { lossesIn, notice, ownAnswers, type OwnAnswers } from "./tellings";

const EVERYTHING = (db: Database) => [
  db.records, db.outbox, db.journal, db.refused, db.bytes, db.uploads, db.cursors, db.trails, db.tellings,
  db.sheets, db.meta,
];

/** Records written or looked up in one go. */
const SLICE = 100;

/** Ids of records that changed, so that their trails can be fetched. */
export async function applyReply(db: Database, account: string, call: SyncCall, reply: SyncReply): Promise<string[]> {
  const changed = await db.run(() =>
    db.transaction("rw", EVERYTHING(db), async () => {
      await db.set("epoch", reply.epoch);
      const at = Date.parse(reply.server_time); // by this phone's own clock the journal could be too old, or never old
      for (const receipt of reply.receipts) await applyReceipt(db, call, receipt, at);
      const own = await ownAnswers(db, account);
      for (const page of reply.books) await applyPage(db, page, own);
      for (const book of reply.dropped) await noteDropped(db, book);
      if (isWhole(call, reply)) await dropUnnamed(db);
      await tell(db);
      return reply.books.flatMap((page) => page.records.map((record) => record.id));
    }),
  );
  await mark(db, account);
  return changed;
}

/**
 * The server was restored from a backup (L3): nothing of the call was taken. The journal goes out again before the
 * outbox, and every book starts at 0; what does not come back will be set aside, not erased.
 */
export async function applyReoffer(db: Database, epoch: string): Promise<void> {
  await db.run(() =>
    db.transaction("rw", [db.cursors, db.journal, db.uploads, db.bytes, db.meta], async () => {
      await db.set("epoch", epoch);
      await db.journal.toCollection().modify({ resend: 1 });
      await offerPictures(db);
      const sweep = await nextSweep(db);
      await db.cursors.toCollection().modify({ cursor: null, sweep, aside: 1 });
    }),
  );
}

/** Also the pictures that are still here: what of them the server has kept it will say. */
async function offerPictures(db: Database): Promise<void> {
  const here = new Set(await db.bytes.toCollection().primaryKeys());
  await db.uploads.filter((row) => row.state === "done" && here.has(row.sha256)).modify({ state: "waiting", url: null });
}

async function applyReceipt(db: Database, { changes, device }: SyncCall, receipt: Receipt, at: number): Promise<void> {
  const change = changes[receipt.index];
  if (!change || (receipt.id !== null && receipt.id !== change.id)) return; // not an answer to what was asked
  await db.outbox.delete(change.id);
  if (receipt.outcome === "refused" && receipt.reason === "gone" && standsOnConsent(change.type)) {
    await clearOwn(db, change);
  } else if (receipt.outcome === "refused") {
    await refuse(db, change, receipt.reason ?? "malformed", receipt.errors, { sent: 1 });
  } else {
    const { id, record, book } = change;
    const before = await db.journal.get(id);
    const laid = receipt.outcome === "held" ? 0 : 1;
    const kept = { answered_at: at, resend: 0 as const, laid: laid as 0 | 1, device, resent: before?.resent ?? 0 };
    // Sent again it is the same entry: what has become of it stays known.
    const fate = before && open(before.body).fate;
    await db.journal.put({ id, record, book, ...kept, body: seal({ change, receipt, ...(fate ? { fate } : {}) }) });
  }
  const last = await db.get<string>("last");
  if (!last || change.id > last) await db.set("last", change.id);
}

/** A change leaves every count and goes to the list of those that were not taken; its pictures are kept. */
export async function refuse(
  db: Database, change: Change, reason: string, errors: Receipt["errors"], { sent }: Required<Pick<RefusedRow, "sent">>,
): Promise<void> {
  await db.outbox.delete(change.id);
  await db.journal.delete(change.id);
  const before = await db.refused.get(change.id); // sent again: where its writer has put it, it stays
  const row = { id: change.id, record: change.record, book: change.book, at: Date.now(), put_aside: 0 as const };
  await db.refused.put({ ...row, ...before, sent, body: seal({ change, reason, errors }) });
}

/** Somebody withdrew their consent before this came: nothing of it stays, its writer is told (S4). */
async function clearOwn(db: Database, change: Change): Promise<void> {
  await noteCleared(db, change);
  const uploads = await db.uploads.where("change").equals(change.id).toArray();
  await db.bytes.bulkDelete(uploads.map((row) => row.sha256));
  await db.uploads.bulkDelete(uploads.map((row) => row.sha256));
  for (const table of [db.outbox, db.journal, db.refused]) await table.delete(change.id);
}

async function applyPage(db: Database, page: BookPage, own: OwnAnswers): Promise<void> {
  const held = (await db.cursors.get(page.book)) ?? { book: page.book, cursor: null, sweep: 0, aside: 0, dropped: 0 };
  const fromNothing = page.restart || held.cursor === null;
  if (page.restart && held.sweep === 0) held.sweep = await nextSweep(db);
  const anew = new Map(page.records.map((record) => [record.id, record.seq]));
  for (const id of page.erased) await erase(db, id, anew.get(id));
  for (const id of page.forget) await forget(db, id);
  for (const stub of page.records.filter((record) => record.moved_to)) await leaveBook(db, stub);
  await keep(db, page.records.filter((record) => !record.moved_to), held.sweep, fromNothing || held.sweep > 0, own);
  held.cursor = later(held.cursor, page.cursor, fromNothing);
  held.dropped = 0;
  if (held.sweep > 0 && page.cursor[0] >= page.head) {
    await sweep(db, page.book, held.sweep, held.aside);
    held.sweep = 0;
    held.aside = 0;
  }
  await db.cursors.put(held);
}

function later(held: Cursor | null, told: Cursor, anew: boolean): Cursor {
  return !anew && held && held[0] > told[0] ? held : told;
}

async function keep(
  db: Database, records: BookRecord[], sweep: number, anew: boolean, own: OwnAnswers,
): Promise<void> {
  const held: (RecordRow | undefined)[] = [];
  await inSlices(records, async (some) => held.push(...(await db.records.bulkGet(some.map((record) => record.id)))));
  // A seq says nothing beside that of another book, out of which the record has moved (S7).
  const seqs = held.map((row, index) => (row && row.book === records[index]!.book ? row.seq : 0));
  const newer = records.filter((record, index) => anew || record.seq >= seqs[index]!);
  const before = new Map(held.flatMap((row) => (row ? [[row.id, open(row.body)]] : [])));
  // Nothing is awaited for the many that concern nobody: a transaction does not outlive idle waiting.
  const losses = newer.flatMap((record) => lossesIn(record, before.get(record.id), own));
  if (losses.length > 0) await notice(db, losses);
  for (const record of newer) note(record.type, record.id, record);
  await inSlices(newer, (some) => db.records.bulkPut(some.map((record) => {
    const { id, book, type, seq } = record;
    return { id, book, type, seq, sweep, aside: 0 as const, body: seal(record) };
  })));
}

/** One transaction all the same: between two slices whatever the person does has its turn. */
async function inSlices<T>(all: readonly T[], work: (some: T[]) => PromiseLike<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += SLICE) await work(all.slice(at, at + SLICE));
}

/** It has moved: the record of that book goes, with what lay over it; one of the new book stays (S7). */
async function leaveBook(db: Database, stub: BookRecord): Promise<void> {
  if ((await db.records.get(stub.id))?.book === stub.book) await takeDown(db, stub.id);
  await db.journal.where("record").equals(stub.id).filter((row) => row.book === stub.book).modify({ laid: 0 });
}

/** The person may not see it any more: what was pulled goes, what was written here stays (S8). */
async function forget(db: Database, id: string): Promise<void> {
  await unpull(db, id);
  await db.journal.where("record").equals(id).modify({ laid: 0 });
}

async function takeDown(db: Database, id: string): Promise<void> {
  const row = await db.records.get(id);
  if (!row) return;
  note(row.type, id, null);
  await db.records.delete(id);
}

async function unpull(db: Database, id: string): Promise<void> {
  await takeDown(db, id);
  await db.trails.delete(id);
  await db.bytes.where("pulled_for").equals(id).delete();
}

/**
 * Erased for everybody: the record, its pictures and every own copy of what was written about it (S4). Where it may be
 * made anew, `seq` is that of the erasure: what was written having seen it is not about what is gone.
 */
async function erase(db: Database, id: string, seq = Infinity): Promise<void> {
  const later = await db.outbox.where("record").equals(id).filter((row) => open(row.body).seen >= seq).primaryKeys();
  const unsent = (await db.outbox.where("record").equals(id).toArray()).map((row) => open(row.body)).find((each) => !later.includes(each.id));
  if (unsent && standsOnConsent(unsent.type)) await noteCleared(db, unsent);
  await unpull(db, id);
  const uploads = await db.uploads.where("record").equals(id).filter((row) => !later.includes(row.change)).toArray();
  for (const upload of uploads) await db.bytes.delete(upload.sha256);
  await db.uploads.bulkDelete(uploads.map((row) => row.sha256));
  await db.outbox.where("record").equals(id).filter((row) => !later.includes(row.id)).delete();
  for (const table of [db.journal, db.refused, db.tellings]) await table.where("record").equals(id).delete();
  await db.sheets.delete(id); // half answered: it is about what is gone
}

async function sweep(db: Database, book: string, number: number, aside: 0 | 1): Promise<void> {
  const stale = await db.records.where("book").equals(book).filter((row) => row.sweep !== number).toArray();
  for (const row of stale) {
    note(row.type, row.id);
    if (aside) await db.records.update(row.id, { aside: 1 });
    else await forget(db, row.id);
  }
}

async function nextSweep(db: Database): Promise<number> {
  const number = ((await db.get<number>("sweeps")) ?? 0) + 1;
  await db.set("sweeps", number);
  return number;
}

/** Everything that there is has been told: nothing was left for a next page, or for a next version of the app. */
function isWhole(call: SyncCall, reply: SyncReply): boolean {
  return !reply.more && !reply.upgrade && call.limit !== 0;
}

/** After a restore no cursor names a book that was lost meanwhile, so none is called dropped: it simply brings no page (S2, L3). */
async function dropUnnamed(db: Database): Promise<void> {
  for (const { book } of await db.cursors.filter((row) => row.cursor === null && row.dropped === 0).toArray()) await noteDropped(db, book);
}

async function noteDropped(db: Database, book: string): Promise<void> {
  const held = (await db.cursors.get(book)) ?? { book, cursor: null, sweep: 0, aside: 0, dropped: 0 };
  await db.cursors.put({ ...held, dropped: 1 });
}

/** Erase the records of lost places for which nothing is left to send: text and pictures first (S2). */
export async function eraseDropped(db: Database): Promise<string[]> {
  return db.run(() =>
    db.transaction("rw", EVERYTHING(db), async () => {
      const lost = await db.cursors.filter((row) => row.dropped === 1).toArray();
      const erased: string[] = [];
      // Of what the server never took it would not take the pictures either: they stay with their entry.
      const stuck = new Set(await db.refused.filter((row) => row.sent === 0).primaryKeys());
      for (const { book } of lost) {
        const unsent = await db.outbox.where("book").equals(book).count();
        const pictures = await db.uploads.where("book").equals(book).filter((row) => row.state === "waiting" && !stuck.has(row.change)).count();
        if (unsent + pictures > 0) continue;
        for (const id of await db.records.where("book").equals(book).primaryKeys()) await forget(db, id);
        await db.cursors.delete(book);
        erased.push(book);
      }
      await tell(db);
      return erased;
    }),
  );
}

/** 退出: what was pulled leaves the phone, what was written here stays and waits. */
export async function forgetPulled(db: Database): Promise<void> {
  await db.run(() =>
    db.transaction("rw", EVERYTHING(db), async () => {
      await db.records.each((row) => note(row.type, row.id));
      await db.records.clear();
      await db.trails.clear();
      await db.cursors.clear();
      await db.meta.delete("colleagues");
      await db.bytes.filter((row) => row.pulled_for !== null).delete();
      await tell(db);
    }),
  );
}

