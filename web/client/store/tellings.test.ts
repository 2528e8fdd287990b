import { beforeEach, expect, test } from "vitest";

import type { BookRecord, Change, Standing, SyncCall } from "../model/wire";
import { BOOK, freshDatabase, ME, page, recordOf, reply, report, steadyClock } from "../testing/fakes";
import { applyReply } from "./apply";
import { LIMITS, nextCall } from "./batch";
import type { Database } from "./database";
import { save } from "./save";
import { markTelling, tellings } from "./tellings";
import { pruneJournal } from "./tidy";

let db: Database;
const clock = steadyClock();
const OTHER = "019ec000-0000-7000-8000-000000000002";
const standing = (by: string, value: string, change: string): Standing => ({ value, by, at: "2026-06-13T08:40:12.123Z", change });

beforeEach(() => {
  db = freshDatabase();
});

async function edit(category: string): Promise<Change> {
  return save(db, ME, { ...report("r1", { category }), create: false, seen: 1 }, clock);
}

async function receive(records: BookRecord[], changes: Change[] = []): Promise<void> {
  const call: SyncCall = { ...(await nextCall(db, "device", LIMITS, clock.now())), changes };
  const head = Math.max(...records.map((record) => record.seq));
  const receipts = changes.map((change, index) => (
    { index, id: change.id, outcome: "merged" as const, seq: head, fields: { category: "kept_other" as const }, reason: null, errors: null }));
  await applyReply(db, ME, call, reply({ receipts, books: [page(records, head)] }));
}

const aside = (mine: Change, value: string): BookRecord => (
  { ...recordOf("r1", 3, { category: value }), others: { category: [standing(ME, String(mine.set!.category), mine.id)] } });

test("M8 what stands aside is told once, and stays told through everything that comes after", async () => {
  await receive([recordOf("r1", 1, { category: "help" })]);
  const mine = await edit("road");
  await receive([aside(mine, "noise")], [mine]);
  const [told] = await tellings(db, ME);
  expect(told).toMatchObject({ field: "category", mine: "road", now: "noise", state: "new" });
  await markTelling(db, told!.id, "known");
  await receive([{ ...aside(mine, "noise"), seq: 4 }]);
  expect(await tellings(db, ME)).toEqual([]);
  expect(await tellings(db, ME, "r1")).toMatchObject([{ state: "known" }]); // its case page still has it
});

test("M8 what came right by itself, or was written anew, is not told", async () => {
  const mine = await edit("road");
  await receive([aside(mine, "noise")], [mine]);
  await receive([{ ...recordOf("r1", 5, { category: "road" }) }]);
  expect(await tellings(db, ME)).toEqual([]);
  await receive([{ ...aside(mine, "garbage"), seq: 6 }]);
  expect(await tellings(db, ME)).toHaveLength(1);
  await save(db, ME, { ...report("r1", { category: "drainage" }), create: false, seen: 6, knew: mine.id }, clock);
  expect(await tellings(db, ME)).toEqual([]);
});

test("M8 a phone that is new to a record tells no old stories of it", async () => {
  await receive([{ ...recordOf("r1", 3, { category: "noise" }), others: { category: [standing(ME, "road", "long-ago")] } }]);
  expect(await tellings(db, ME)).toEqual([]);
  expect(await tellings(db, ME, "r1")).toMatchObject([{ state: "known", mine: "road" }]);
});

test("M7 whose candidate lost the decision hears of it, and the phones concerned see that it is decided", async () => {
  const mine = await save(db, ME, report("r1", { place_id: "mine" }), clock);
  const open = { place_id: [standing(ME, "mine", mine.id), standing(OTHER, "theirs", "c2")] };
  await receive([{ ...recordOf("r1", 3, { place_id: "mine" }), conflicts: open }], [mine]);
  expect(await tellings(db, ME)).toEqual([]);
  await receive([recordOf("r1", 4, { place_id: "theirs" })]);
  expect(await tellings(db, ME)).toMatchObject([{ field: "place_id", mine: "mine", now: "theirs" }]);
});

test("S4 an erased record is not spoken of any more; S7 one that moved is left in its new book", async () => {
  const mine = await edit("road");
  await receive([aside(mine, "noise")], [mine]);
  const elsewhere = { ...recordOf("r1", 1, { category: "noise" }), book: "b2" };
  const stub = { ...recordOf("r1", 9), moved_to: "b2" };
  const call = { ...(await nextCall(db, "device", LIMITS, clock.now())), changes: [] };
  await applyReply(db, ME, call, reply({ books: [{ ...page([elsewhere], 1), book: "b2" }, page([stub], 9)] }));
  expect((await db.records.get("r1"))!.book).toBe("b2");
  expect((await db.journal.get(mine.id))!.laid).toBe(0);
  await applyReply(db, ME, call, reply({ books: [page([], 10, { erased: ["r1"] })] }));
  expect(await db.tellings.count()).toBe(0);
});

test("S7 a record that went where this person sees nothing leaves the phone, and no own edit stands in for it", async () => {
  const mine = await save(db, ME, report("r1"), clock);
  await receive([recordOf("r1", 3)], [mine]);
  await receive([{ ...recordOf("r1", 4), moved_to: "b2" }]);
  expect([await db.records.count(), (await db.journal.get(mine.id))!.laid]).toEqual([0, 0]);
  expect(BOOK).not.toBe("b2");
});

test("what was read leaves with the journal, what was not stays", async () => {
  const mine = await edit("road");
  await receive([aside(mine, "noise")], [mine]);
  const later = Date.now() + 31 * 86_400_000;
  await pruneJournal(db, later);
  expect(await db.tellings.count()).toBe(1);
  await markTelling(db, (await tellings(db, ME))[0]!.id, "known");
  await pruneJournal(db, later);
  expect(await db.tellings.count()).toBe(0);
});
