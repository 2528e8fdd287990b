import { beforeEach, expect, test } from "vitest";

import type { SyncCall } from "../model/wire";
import { applied, BOOK, freshDatabase, ME, page, recordOf, reply, report, steadyClock } from "../testing/fakes";
import { applyReply } from "./apply";
import { LIMITS, nextCall } from "./batch";
import { cleared, readCleared } from "./cleared";
import type { Database } from "./database";
import { counts } from "./entries";
import { save, type NewEdit } from "./save";

let db: Database;
const clock = steadyClock();
const call = (): Promise<SyncCall> => nextCall(db, "device", LIMITS, clock.now());
const note: NewEdit = { book: BOOK, record: "care", type: "care_agreement", schema: 1, seen: 1, knew: null, set: { notes: { a: { text: "secret", by: ME } } } };
const everything = async (): Promise<string> => JSON.stringify(await Promise.all(db.tables.map((table) => table.toArray())));

beforeEach(async () => {
  db = freshDatabase();
  const about = { ...recordOf("care", 1, { place_id: "door" }), type: "care_agreement" };
  await applyReply(db, ME, await call(), reply({ books: [page([about], 1)] }));
});

test("S4 what was added to a withdrawn consent is cleared from the phone, and its writer is told where", async () => {
  const change = await save(db, ME, note, clock);
  const receipts = [{ ...applied([change], 0)[0]!, outcome: "refused" as const, seq: null, reason: "gone" }];
  await applyReply(db, ME, await call(), reply({ receipts, books: [page([], 3, { erased: ["care"] })] }));
  expect(await everything()).not.toContain("secret");
  expect(await counts(db)).toMatchObject({ unsent: 0, refused: 0 });
  expect(await cleared(db)).toMatchObject([{ id: "care", type: "care_agreement", place: "door" }]);
  await readCleared(db, "care");
  expect(await cleared(db)).toEqual([]);
});

test("S4 also where the erasure had been heard of before, or is heard of before anything was sent", async () => {
  const change = await save(db, ME, note, clock);
  const asked = await call();
  await applyReply(db, ME, { ...asked, changes: [] }, reply({ books: [page([], 3, { erased: ["care"] })] }));
  expect(await everything()).not.toContain("secret");
  expect(await cleared(db)).toHaveLength(1);
  const receipts = [{ ...applied([change], 0)[0]!, outcome: "refused" as const, seq: null, reason: "gone" }];
  await applyReply(db, ME, asked, reply({ receipts }));
  expect(await everything()).not.toContain("secret");
  expect(await cleared(db)).toMatchObject([{ place: "door" }]);
});

test("what was not taken for another reason is kept for mending, and nobody is told of an erasure by the calendar", async () => {
  const change = await save(db, ME, note, clock);
  const receipts = [{ ...applied([change], 0)[0]!, outcome: "refused" as const, seq: null, reason: "not_allowed" }];
  await applyReply(db, ME, await call(), reply({ receipts }));
  await save(db, ME, report("r1"), clock);
  await applyReply(db, ME, await call(), reply({ books: [page([], 4, { erased: ["r1"] })] }));
  expect(await counts(db)).toMatchObject({ refused: 1 });
  expect(await cleared(db)).toEqual([]);
});
