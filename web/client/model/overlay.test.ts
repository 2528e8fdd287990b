import { expect, test } from "vitest";

import { BOOK, ME, recordOf } from "../testing/fakes";
import { overlay, type Edit } from "./overlay";
import type { Change, Fields } from "./wire";

const writer = { account: ME };

function edit(set: Fields, more: Partial<Change> & { seq?: number | null } = {}): Edit {
  const { seq = null, ...change } = more;
  const made_at = "2026-06-13T09:00:00.000Z";
  return { seq, change: { id: "c1", book: BOOK, record: "r", type: "case", schema: 1, epoch: null, seen: 5, made_at, set, ...change } };
}

test("O5 an own edit lies over the record until a record with its seq or a higher one is there", () => {
  const mine = edit({ category: "road" }, { seq: 7 });
  expect(overlay(recordOf("r", 6, { category: "garbage" }), [mine], writer)!.fields.category).toBe("road");
  expect(overlay(recordOf("r", 7, { category: "noise" }), [mine], writer)!.fields.category).toBe("noise");
});

test("a report that the server has never seen stands for itself", () => {
  const view = overlay(undefined, [edit({ severity: "urgent", status: { from: null, to: "reported", cycle: 1 } }, { create: true, seen: 0 })], writer)!;
  expect(view.by).toBe(ME);
  expect(view.pending).toBe(1);
  expect(view.fields.status).toEqual({ status: "reported", cycle: 1 });
});

test("an edit of a record that was forgotten shows nothing", () => {
  expect(overlay(undefined, [edit({ category: "road" })], writer)).toBeUndefined();
});

test("keyed fields are laid over key by key, and null takes a key away", () => {
  const view = overlay(recordOf("r", 5, { photos: { a: { stage: "before" }, b: {} } }), [edit({ photos: { b: null, c: { stage: "after" } } })], writer)!;
  expect(view.fields.photos).toEqual({ a: { stage: "before" }, c: { stage: "after" } });
});

test("of keep_all the own newer text replaces the own older one and stands beside the others'", () => {
  const told = [{ text: "hers", by: "x", at: "1", change: "cx" }, { text: "old", by: ME, at: "2", change: "c0" }];
  const edits = [edit({ description: { text: "old" } }, { id: "c0", seq: 4 }), edit({ description: { text: "new" } }, { id: "c1" })];
  const view = overlay(recordOf("r", 5, { description: told }), edits, writer)!;
  expect((view.fields.description as { text: string }[]).map((each) => each.text)).toEqual(["hers", "new"]);
});

test("severity keeps the safer side when somebody else wrote since the form was opened", () => {
  const unseen = recordOf("r", 9, { severity: "urgent" });
  expect(overlay(unseen, [edit({ severity: "serious" })], writer)!.fields.severity).toBe("urgent");
  expect(overlay(recordOf("r", 5, { severity: "urgent" }), [edit({ severity: "normal" })], writer)!.fields.severity).toBe("normal");
});

test("progress shown never goes back behind what the server already knows", () => {
  const closed = recordOf("r", 9, { status: { status: "closed", cycle: 1 } });
  const working = edit({ status: { from: "assigned", to: "working", cycle: 1 } });
  expect(overlay(closed, [working], writer)!.fields.status).toEqual({ status: "closed", cycle: 1 });
  const again = edit({ status: { from: "resolved", to: "working", cycle: 2 } });
  expect(overlay(closed, [again], writer)!.fields.status).toEqual({ status: "working", cycle: 2 });
});

test("who took it first stays who took it, if somebody was unseen", () => {
  expect(overlay(recordOf("r", 9, { handler: "other" }), [edit({ handler: ME })], writer)!.fields.handler).toBe("other");
  expect(overlay(recordOf("r", 5, {}), [edit({ handler: ME })], writer)!.fields.handler).toBe(ME);
});

test("S7 an answered edit does not lie over a record that has moved into another book since", () => {
  const moved = { ...recordOf("r", 1, { category: "road" }), book: "elsewhere" };
  expect(overlay(moved, [edit({ category: "garbage" }, { seq: 7 })], writer)!.pending).toBe(0);
  expect(overlay(moved, [edit({ category: "garbage" }, { seq: null })], writer)!.fields.category).toBe("garbage");
});

test("M7 what was decided stays decided here when something else is said of the record before it is sent", () => {
  const candidate = (value: string, at: string, change: string) => ({ value, by: "x", at, change });
  const before = [candidate("a", "2026-06-13T07:00:00.000Z", "c01"), candidate("b", "2026-06-13T08:00:00.000Z", "c02")];
  const settled = (seq: number, candidates: typeof before): string[] =>
    overlay({ ...recordOf("r", seq, { place_id: "a" }), conflicts: { place_id: candidates } }, [edit({ place_id: "b" })], writer)!.settled;
  expect(settled(5, before)).toEqual(["place_id"]);
  expect(settled(9, before)).toEqual(["place_id"]);
  expect(settled(9, [...before, candidate("c", "2026-06-13T09:30:00.000Z", "c03")])).toEqual([]);
});
