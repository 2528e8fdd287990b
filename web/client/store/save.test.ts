import { beforeEach, expect, test, vi } from "vitest";

import { freshDatabase, ME, report, steadyClock } from "../testing/fakes";
import { open } from "./codec";
import { NotSaved, type Database } from "./database";
import { getDraft, putDraft } from "./drafts";
import { lost, readMarker } from "./marker";
import type { Draft, Picture } from "./rows";
import { NewerOwnChange, save, saveAll, takeBack, takeBackAll } from "./save";

let db: Database;
const clock = steadyClock();
const picture: Picture = { sha256: "f".repeat(64), preview: "e".repeat(64), type: "image/jpeg", bytes: 9, width: 1, height: 1, taken_at: "x" };
const draft: Draft = {
  id: "d1", kind: "report", record: "r1", base: null, book: "b", category: null, severity: "normal", note: "灯坏了", place_id: null,
  place_guess: "b", place_note: "", gps: null, until: null, pictures: [picture], changed_at: 1,
};

beforeEach(() => {
  db = freshDatabase();
});

test("L4 one transaction makes the id, writes the outbox, names the pictures and takes the draft away", async () => {
  await putDraft(db, draft);
  const change = await save(db, ME, { ...report("r1"), pictures: [picture], draft: "d1" }, clock);
  expect(open((await db.outbox.get(change.id))!.body)).toEqual(change);
  expect(await db.get("newest")).toBe(change.id);
  expect((await db.uploads.toArray()).map((row) => [row.kind, row.state])).toEqual([["preview", "waiting"], ["full", "waiting"]]);
  expect(await getDraft(db, "d1")).toBeNull();
});

test("a change is frozen in a form that cannot stop a queue", async () => {
  const change = await save(db, ME, report("r1", { description: { text: "a\u0000\uD800" } }), { now: clock.now, skew: () => 60_000 });
  expect(change.set!.description).toEqual({ text: "a\uFFFD" });
  expect(change.made_at).toBe("2026-06-13T08:39:12.123Z"); // corrected by the measured skew
});

test("L4 a form that does not know of a newer own change of the same fields is stopped, others are not", async () => {
  const first = await save(db, ME, report("r1", { category: "road" }), clock);
  const stale = { ...report("r1", { category: "noise" }), create: false, knew: null };
  await expect(save(db, ME, stale, clock)).rejects.toBeInstanceOf(NewerOwnChange);
  await save(db, ME, { ...stale, set: { place_note: "三楼" } }, clock);
  await save(db, ME, { ...stale, set: { category: "noise" }, knew: first.id }, clock);
  expect(await db.outbox.count()).toBe(3);
});

test("X7 ids go on above the note beside the database when the browser threw the book away", async () => {
  const before = await save(db, ME, report("r1"), clock);
  const marker = readMarker(ME)!;
  expect(marker).toMatchObject({ unsent: 1, last: before.id });
  const note = localStorage;
  const empty = freshDatabase();
  Object.defineProperty(globalThis, "localStorage", { value: note, configurable: true });
  expect(lost(marker, await empty.get("newest"))).toEqual(marker);
  expect((await save(empty, ME, report("r2"), { now: () => 5, skew: () => 0 })).id > before.id).toBe(true);
});

test("within ten seconds a report goes back into the notebook, afterwards it does not", async () => {
  const change = await save(db, ME, { ...report("r1"), pictures: [picture], draft: "d1", undo: 10_000 }, clock);
  expect(await takeBack(db, ME, change.id, clock.now() + 10_000, draft)).toBeNull();
  expect(await takeBack(db, ME, change.id, clock.now() + 9_000, draft)).toEqual(change);
  expect([await db.outbox.count(), await db.uploads.count()]).toEqual([0, 0]);
  expect((await getDraft(db, "d1"))!.note).toBe("灯坏了");
});

test("L4 a dead handle is opened anew and the write tried once more", async () => {
  const add = vi.spyOn(db.outbox, "add");
  add.mockImplementationOnce(() => { throw Object.assign(new Error(), { name: "InvalidStateError" }); });
  await save(db, ME, report("r1"), clock);
  expect(await db.outbox.count()).toBe(1);
});

test("L4 what the browser will not write is said to be not saved, and leaves nothing half done", async () => {
  await putDraft(db, draft);
  vi.spyOn(db.outbox, "add").mockImplementation(() => { throw Object.assign(new Error(), { name: "QuotaExceededError" }); });
  const failed = save(db, ME, { ...report("r1"), draft: "d1" }, clock);
  await expect(failed).rejects.toBeInstanceOf(NotSaved);
  await expect(failed).rejects.toMatchObject({ full: true });
  expect(await getDraft(db, "d1")).not.toBeNull();
  expect(await db.get("newest")).toBeNull();
});

test("what one tap means for two records is saved together or not at all, and comes back together or not at all", async () => {
  const [one, other] = await saveAll(db, ME, [{ ...report("r1"), undo: 10_000 }, { ...report("r2"), undo: 10_000 }], clock);
  expect(other!.id > one!.id).toBe(true);
  const stale = { ...report("r2", { category: "noise" }), create: false, knew: null };
  await expect(saveAll(db, ME, [report("r3"), stale], clock)).rejects.toBeInstanceOf(NewerOwnChange);
  expect(await db.outbox.count()).toBe(2);
  await db.outbox.update(other!.id, { after: 0 }); // half of it is on its way
  expect(await takeBackAll(db, ME, [one!.id, other!.id], clock.now())).toBeNull();
  expect(await db.outbox.count()).toBe(2);
  await db.outbox.update(other!.id, { after: clock.now() + 10_000 });
  expect((await takeBackAll(db, ME, [one!.id, other!.id], clock.now()))?.map((each) => each.record)).toEqual(["r1", "r2"]);
  expect(await db.outbox.count()).toBe(0);
});
