import { beforeEach, expect, test, vi } from "vitest";

import type { View } from "../model/overlay";
import { applied, BOOK, freshDatabase, ME, page, recordOf, reply, report, steadyClock } from "../testing/fakes";
import { applyReply } from "./apply";
import { LIMITS, nextCall } from "./batch";
import type { Database } from "./database";
import { entries } from "./entries";
import { KeptLists } from "./kept";
import { views } from "./reads";
import { save, takeBack } from "./save";

let db: Database;
let lists: KeptLists;
let told: View[][];
const clock = steadyClock();
const ids = (list: readonly View[] | undefined): string[] | undefined => list?.map((view) => view.id).sort();

beforeEach(async () => {
  db = freshDatabase();
  told = [];
  lists = new KeptLists(db, ME);
  lists.follow("case", (list) => told.push(list));
  await until(() => told.length > 0);
});

async function until(true_: () => boolean): Promise<void> {
  for (let tries = 0; !true_() && tries < 200; tries += 1) await new Promise((done) => setTimeout(done, 5));
  expect(true_()).toBe(true);
}

async function pull(...records: ReturnType<typeof recordOf>[]): Promise<void> {
  await applyReply(db, ME, await nextCall(db, "device", LIMITS, clock.now()), reply({ books: [page(records, Math.max(...records.map((each) => each.seq)))] }));
}

test("what was just written is told without another question to the disk, and so is what was taken back", async () => {
  await pull(recordOf("old", 1));
  await until(() => told.at(-1)!.length === 1);
  lists.stop(); // from here on it hears of nothing but of what is written here
  const change = await save(db, ME, { ...report("new"), undo: 10_000 }, clock);
  await until(() => told.at(-1)!.length === 2);
  expect(ids(told.at(-1))).toEqual(["new", "old"]);
  expect(told.at(-1)!.find((view) => view.id === "new")).toMatchObject({ pending: 1, seq: 0 });
  expect(await takeBack(db, ME, change.id, clock.now())).not.toBeNull();
  await until(() => told.at(-1)!.length === 1);
  expect(ids(told.at(-1))).toEqual(["old"]);
});

test("the lists are those that a question to the database finds, through answers, pulls and farewells", async () => {
  const change = await save(db, ME, report("r"), clock);
  await pull(recordOf("a", 1), recordOf("b", 2));
  await applyReply(db, ME, await nextCall(db, "device", LIMITS, clock.now() + 60_000), reply({ receipts: applied([change], 3), books: [page([recordOf("r", 3)], 3, { forget: ["a"] })] }));
  await until(() => ids(told.at(-1))!.join() === "b,r");
  expect(told.at(-1)).toEqual(await views(db, "case", ME));
  expect(told.at(-1)!.every((view) => view.pending === 0)).toBe(true);
});

test("O5 an own edit never leaves the list while its answer is on the way to its place", async () => {
  const change = await save(db, ME, report("r"), clock);
  await until(() => told.at(-1)!.length === 1);
  const before = told.length;
  await applyReply(db, ME, await nextCall(db, "device", LIMITS, clock.now() + 60_000), reply({ receipts: applied([change], 1) }));
  await pull(recordOf("r", 1));
  await until(() => told.at(-1)![0]?.pending === 0);
  expect(told.slice(before).every((list) => list.length === 1)).toBe(true);
});

test("of a long pull nothing is read back from the disk", async () => {
  await pull(...Array.from({ length: 1000 }, (_, at) => recordOf(`r${at}`, at + 1)));
  await until(() => told.at(-1)!.length === 1000);
  const read = [vi.spyOn(db.records, "where"), vi.spyOn(db.records, "get")];
  await pull(...Array.from({ length: 1000 }, (_, at) => recordOf(`s${at}`, at + 1001)));
  await until(() => told.at(-1)!.length === 2000);
  for (const each of read) expect(each).not.toHaveBeenCalled();
  expect(ids(told.at(-1))).toEqual(ids(await views(db, "case", ME)));
});

test("the journal is not read anew because something else was written", async () => {
  const change = await save(db, ME, report("r"), clock);
  await applyReply(db, ME, await nextCall(db, "device", LIMITS, clock.now() + 60_000), reply({ receipts: applied([change], 1), books: [page([recordOf("r", 1)], 1)] }));
  expect((await entries(db))[0]!.receipt).not.toBeNull();
  const read = vi.spyOn(db.journal, "toArray");
  await save(db, ME, { ...report("other"), book: BOOK }, clock);
  expect(await entries(db)).toHaveLength(2);
  expect(read).not.toHaveBeenCalled();
  await db.journal.update(change.id, { laid: 0 });
  await entries(db);
  expect(read).toHaveBeenCalled();
});
