import { expect, test } from "vitest";

import { BOOK, ME, recordOf } from "../testing/fakes";
import type { View } from "./overlay";
import { lossesOf, restorable } from "./told";
import type { BookRecord, Change, Fields, Receipt, Standing } from "./wire";
import { decision, mayDecide, undecidedOf, whoDecides } from "./undecided";

const OTHER = "019ec000-0000-7000-8000-000000000002";
const by = (who: string, value: Standing["value"], change: string): Standing => ({ value, by: who, at: "2026-06-13T08:40:12.123Z", change });
const wrote = (id: string, set: Fields): Change => (
  { id, book: BOOK, record: "r1", type: "case", schema: 1, epoch: null, seen: 1, made_at: "2026-06-13T08:40:12.123Z", set });
const got = (seq: number, fields: Receipt["fields"]): Receipt => ({ index: 0, id: null, outcome: "merged", seq, fields, reason: null, errors: null });
const record = (seq: number, fields: Fields, more: Partial<BookRecord> = {}): BookRecord => ({ ...recordOf("r1", seq, fields), ...more });

test("M8 an own write that stands beside the winner is told", () => {
  const now = record(5, { category: "noise" }, { others: { category: [by(ME, "road", "c1"), by(OTHER, "lamp_door", "c2")] } });
  expect(lossesOf(now, undefined, [], ME)).toEqual([{ type: "case", field: "category", key: null, change: "c1", mine: "road" }]);
});

test("M8 a receipt that says kept_other is told when its record comes, and not a second time", () => {
  const own = [{ change: wrote("c1", { place_note: "三楼" }), receipt: got(4, { place_note: "kept_other" }) }];
  const now = record(5, { place_note: "四楼" });
  expect(lossesOf(now, record(3, {}), own, ME)).toMatchObject([{ change: "c1", mine: "三楼" }]);
  expect(lossesOf(record(9, { place_note: "五楼" }), now, own, ME)).toEqual([]);
});

test("M8 an own candidate that lost a decision is told, one that won is not", () => {
  const before = record(5, { place_id: "a" }, { conflicts: { place_id: [by(ME, "a", "c1"), by(OTHER, "b", "c2")] } });
  expect(lossesOf(record(6, { place_id: "b" }), before, [], ME)).toMatchObject([{ field: "place_id", mine: "a" }]);
  expect(lossesOf(record(6, { place_id: "a" }), before, [], ME)).toEqual([]);
  expect(lossesOf({ ...before, seq: 6 }, before, [], ME)).toEqual([]); // still open
});

test("M8 of two ends that differed, the one that was not chosen is told, and cannot simply be restored", () => {
  const mine = { status: "rejected", cycle: 1 };
  const theirs = { status: "closed", cycle: 1 };
  const before = record(5, { status: mine }, { conflicts: { status: [by(ME, mine, "c1"), by(OTHER, theirs, "c2")] } });
  const [loss] = lossesOf(record(6, { status: theirs }), before, [], ME);
  expect([loss?.mine, restorable(loss!)]).toEqual([mine, false]);
  expect(lossesOf(record(6, { status: theirs }, { others: { status: [by(ME, { status: "working", cycle: 1 }, "c0")] } }), undefined, [], ME)).toEqual([]);
});

test("M8 whoever has written the field again since is told nothing, nor about what the app writes by itself", () => {
  const again = [{ change: wrote("c9", { category: "help" }), receipt: got(9, {}) }];
  expect(lossesOf(record(9, { category: "noise" }, { others: { category: [by(ME, "road", "c1")] } }), undefined, again, ME)).toEqual([]);
  expect(lossesOf(record(9, { seen_at: "x" }, { others: { seen_at: [by(ME, "y", "c1")] } }), undefined, [], ME)).toEqual([]);
});

test("M8 one key of a keyed field is told by itself", () => {
  const now = { ...record(5, { attrs: { lift: "yes" } }, { others: { attrs: { lift: [by(ME, "no", "c1")] } } }), type: "building" };
  expect(lossesOf(now, undefined, [], ME)).toEqual([{ type: "building", field: "attrs", key: "lift", change: "c1", mine: "no" }]);
});

test("M7 an open conflict names its candidates and who decides it", () => {
  const open = record(5, { place_id: "a" }, { conflicts: { place_id: [by(ME, "a", "c1"), by(OTHER, "b", "c2")] } });
  const view: View = { ...open, pending: 0, settled: [] };
  expect(undecidedOf(view)).toMatchObject([{ field: "place_id", key: null, decided: false, candidates: [{ value: "a" }, { value: "b" }] }]);
  expect(undecidedOf({ ...view, fields: { asking: { somebody: { about: "place_id", at: "x" } } } })[0]!.asking).toBe(true);
  expect(undecidedOf({ ...view, settled: ["place_id"] })[0]!.decided).toBe(true);
  expect([whoDecides("case", "place_id"), whoDecides("case", "status")]).toEqual(["grid_head", "supervisor"]);
  expect([mayDecide("case", "place_id", ["grid_worker"]), mayDecide("case", "place_id", ["grid_head"])]).toEqual([false, true]);
});

test("M12 a decided end goes from a candidate to itself", () => {
  expect(decision("case", { field: "status", key: null }, { status: "closed", cycle: 2 })).toEqual({ status: { from: "closed", to: "closed", cycle: 2 } });
  expect(decision("case", { field: "place_id", key: null }, "b")).toEqual({ place_id: "b" });
});
