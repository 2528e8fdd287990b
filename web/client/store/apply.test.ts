import { beforeEach, expect, test } from "vitest";

import type { SyncCall } from "../model/wire";
import { applied, BOOK, freshDatabase, ME, page, recordOf, reply, report, steadyClock } from "../testing/fakes";
import { applyReoffer, applyReply, eraseDropped, forgetPulled } from "./apply";
import { LIMITS, nextCall } from "./batch";
import type { Database } from "./database";
import { counts, entries } from "./entries";
import { one, views } from "./reads";
import { save } from "./save";
import { JOURNAL_DAYS, pruneJournal } from "./tidy";

let db: Database;
const clock = steadyClock();
const call = (): Promise<SyncCall> => nextCall(db, "device", LIMITS, clock.now());
const apply = (asked: SyncCall, part: Parameters<typeof reply>[0]): Promise<string[]> => applyReply(db, ME, asked, reply(part));

beforeEach(() => {
  db = freshDatabase();
});

test("X4 an entry leaves the outbox on its own receipt only", async () => {
  const [a, b] = [await save(db, ME, report("r1"), clock), await save(db, ME, report("r2"), clock)];
  await apply(await call(), { receipts: applied([a], 1) });
  expect(await db.outbox.toCollection().primaryKeys()).toEqual([b.id]);
  expect(await db.get("last")).toBe(a.id);
});

test("X4 a receipt that answers another change moves nothing", async () => {
  const a = await save(db, ME, report("r1"), clock);
  await apply(await call(), { receipts: [{ ...applied([a], 1)[0]!, id: "somebody-else" }] });
  expect(await db.outbox.count()).toBe(1);
});

test("O2 a record is never replaced by one with a lower seq, and a cursor never moves back", async () => {
  await apply(await call(), { books: [page([recordOf("r1", 5)], 5)] });
  await apply(await call(), { books: [page([recordOf("r1", 3)], 3)] });
  expect((await db.records.get("r1"))!.seq).toBe(5);
  expect((await call()).cursors[BOOK]![0]).toBe(5);
});

test("O5 a held entry comes off its record and is shown as waiting for a person", async () => {
  await apply(await call(), { books: [page([recordOf("r1", 5, { category: "road" })], 5)] });
  const edit = await save(db, ME, { ...report("r1", { category: "noise" }), create: false, seen: 5 }, clock);
  expect((await one(db, "r1", ME))!.view.fields.category).toBe("noise");
  await apply(await call(), { receipts: [{ ...applied([edit], 0)[0]!, outcome: "held", seq: null, reason: "suggestion" }] });
  expect((await one(db, "r1", ME))!.view.fields.category).toBe("road");
  expect((await entries(db))[0]!.ladder.stop).toBe("held");
});

test("a refused entry leaves every count and stands in the list with its reason", async () => {
  const edit = await save(db, ME, report("r1"), clock);
  const errors = { severity: ["x"] };
  await apply(await call(), { receipts: [{ ...applied([edit], 0)[0]!, outcome: "refused", seq: null, reason: "invalid", errors }] });
  expect(await views(db, "case", ME)).toEqual([]);
  expect(await counts(db)).toMatchObject({ unsent: 0, refused: 1 });
  expect((await entries(db))[0]).toMatchObject({ reason: "invalid", errors });
});

test("S4 an erasure takes the record, its pictures and every own copy", async () => {
  await save(db, ME, report("r1"), clock);
  await db.bytes.add({ sha256: "s", type: "t", pulled_for: "r1", data: new ArrayBuffer(1) });
  await apply(await call(), { books: [page([recordOf("r1", 5)], 5)] });
  await apply({ ...(await call()), changes: [] }, { books: [page([], 6, { erased: ["r1"] })] });
  expect(await Promise.all([db.records, db.outbox, db.journal, db.bytes].map((table) => table.count()))).toEqual([0, 0, 0, 0]);
});

test("S8 what is forgotten goes, what was written here stays", async () => {
  await apply(await call(), { books: [page([recordOf("r1", 5)], 5)] });
  await save(db, ME, { ...report("r1", { place_note: "x" }), create: false, seen: 5 }, clock);
  await apply({ ...(await call()), changes: [] }, { books: [page([], 6, { forget: ["r1"] })] });
  expect(await one(db, "r1", ME)).toBeNull();
  expect(await db.outbox.count()).toBe(1);
});

test("S8 after a restart what has not come back by the head is erased, not before", async () => {
  await apply(await call(), { books: [page([recordOf("r1", 1), recordOf("r2", 2)], 2)] });
  await apply(await call(), { books: [page([recordOf("r3", 1)], 9, { restart: true, cursor: [1, "c", "other"] })], more: true });
  expect(await db.records.count()).toBe(3);
  await apply(await call(), { books: [page([recordOf("r2", 9)], 9)] });
  expect((await db.records.toCollection().primaryKeys()).sort()).toEqual(["r2", "r3"]);
});

test("L3 after a restore the journal is sent before the outbox, and what does not come back is set aside", async () => {
  const sent = await save(db, ME, report("r1"), clock);
  await apply(await call(), { receipts: applied([sent], 1), books: [page([recordOf("r1", 1), recordOf("r2", 2)], 2)] });
  const unsent = await save(db, ME, report("r3"), clock);
  await applyReoffer(db, "new-epoch");
  const first = await call();
  expect(first).toMatchObject({ epoch: "new-epoch", cursors: {}, last: sent.id });
  expect(first.changes.map((change) => change.id)).toEqual([sent.id]);
  await applyReply(db, ME, first, reply({ epoch: "new-epoch", receipts: applied([sent], 1), books: [page([recordOf("r1", 1)], 1)] }));
  expect((await call()).changes.map((change) => change.id)).toEqual([unsent.id]);
  expect((await one(db, "r2", ME))!.aside).toBe(true);
  expect((await views(db, "case", ME)).map((view) => view.id).sort()).toEqual(["r1", "r3"]);
});

test("S2 a lost place is erased only when everything for it was sent, pictures too", async () => {
  const edit = await save(db, ME, report("r1"), clock);
  await db.uploads.add({ sha256: "s", change: edit.id, record: "r1", book: BOOK, kind: "full", state: "waiting", size: 1, type: "t", url: null });
  await apply({ ...(await call()), changes: [] }, { books: [page([recordOf("r9", 1)], 1)] });
  await apply({ ...(await call()), changes: [] }, { dropped: [BOOK] });
  expect(await eraseDropped(db)).toEqual([]);
  await apply(await call(), { receipts: applied([edit], 2), dropped: [BOOK] });
  expect(await eraseDropped(db)).toEqual([]);
  await db.uploads.update("s", { state: "done" });
  expect(await eraseDropped(db)).toEqual([BOOK]);
  expect([await db.records.count(), await db.journal.count()]).toEqual([0, 1]);
});

test("S2 a place that was lost while the server was restored brings no page, and is erased like any lost place", async () => {
  await apply(await call(), { books: [page([recordOf("r1", 1)], 1)] });
  await applyReoffer(db, "019ec000-0000-7000-8000-0000000e90c5");
  await apply(await call(), { more: true });
  expect(await eraseDropped(db)).toEqual([]);
  await apply(await call(), {});
  expect(await eraseDropped(db)).toEqual([BOOK]);
  expect(await db.records.count()).toBe(0);
});

test("S4 an erasure told twice leaves alone what was written having seen it", async () => {
  const told = { books: [page([recordOf("r1", 5)], 5, { erased: ["r1"] })] };
  await save(db, ME, { ...report("r1"), seen: 3 }, clock);
  await apply(await call(), told);
  expect(await db.outbox.count()).toBe(0);
  const anew = await save(db, ME, { ...report("r1"), seen: 5 }, clock);
  await apply(await call(), told);
  expect(await db.outbox.toCollection().primaryKeys()).toEqual([anew.id]);
});

test("signing out takes away what was pulled and nothing that was written here", async () => {
  await apply(await call(), { books: [page([recordOf("r9", 1)], 1)] });
  await save(db, ME, report("r1"), clock);
  await forgetPulled(db);
  expect([await db.records.count(), await db.outbox.count()]).toEqual([0, 1]);
  expect((await call()).cursors).toEqual({});
});

test("L4 the journal keeps thirty days, and longer while a picture is on its way", async () => {
  const edit = await save(db, ME, report("r1"), clock);
  await apply(await call(), { receipts: applied([edit], 1) });
  const upload = { sha256: "s", change: edit.id, record: "r1", book: BOOK, kind: "full", size: 1, type: "t", url: null } as const;
  await db.uploads.add({ ...upload, state: "waiting" });
  const later = clock.now() + (JOURNAL_DAYS + 1) * 86_400_000;
  await pruneJournal(db, later);
  expect(await db.journal.count()).toBe(1);
  await db.uploads.update("s", { state: "done" });
  await pruneJournal(db, later);
  expect(await db.journal.count()).toBe(0);
});

test("L4 how long the journal is kept goes by the server's clock, however wrong the phone's is", async () => {
  const edit = await save(db, ME, report("r1"), clock);
  await apply(await call(), { receipts: applied([edit], 1), server_time: "2031-01-01T00:00:00.000Z" });
  expect((await db.journal.get(edit.id))!.answered_at).toBe(Date.parse("2031-01-01T00:00:00.000Z"));
});
