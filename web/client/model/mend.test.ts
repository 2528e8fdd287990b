import { expect, test } from "vitest";

import { BOOK } from "../testing/fakes";
import { filled, formOf, together, type Refusal } from "./mend";
import type { Change, Fields } from "./wire";

let count = 0;
const NOW = Date.parse("2026-06-13T08:40:12.123Z");

function refusal(set: Fields, reason: string | null, more: Partial<Change> = {}): Refusal {
  count += 1;
  const change: Change = { id: `c${count}`, book: BOOK, record: "r1", type: "case", schema: 1, epoch: null, seen: 0, made_at: "x", set, ...more };
  return { change, reason, errors: null };
}

const photo = { stage: "before", preview: "p", type: "image/jpeg", bytes: 9, width: 1, height: 1, taken_at: "x" };
const created = (reason: string, set: Fields = {}): Refusal => refusal(
  { temp_no: "7", captured_at: "x", severity: "urgent", category: "road", description: { text: "灯坏了" }, place_note: "三楼",
    photos: { s1: photo }, status: { from: null, to: "reported", cycle: 1 }, source: "round", ...set }, reason, { create: true });

test("X5 a creation takes along what was refused for want of it, and what was not sent yet", () => {
  const [made, needs, unsent, other] = [created("invalid"), refusal({ additions: { a: { text: "又来" } } }, "needs"), refusal({ place_note: "四楼" }, null), refusal({ seen_at: "x" }, "not_allowed")];
  const all = [made, needs, unsent, other];
  expect(together(made.change, all)).toEqual([made, needs, unsent]);
  expect(together(needs.change, all)).toEqual([made, needs, unsent]);
  expect(together(other.change, all)).toEqual([other]);
  expect(together(needs.change, [needs])).toEqual([needs]);
});

test("X5 mended together they are one report with every word and every picture", () => {
  const later = [
    refusal({ additions: { a: { text: "又多了一个" } }, photos: { s2: photo }, voice: { v1: { type: "audio/webm" } } }, "needs"),
    refusal({ status: { from: "working", to: "resolved", cycle: 1 }, resolution: { text: "搬走了" }, place_note: "四楼" }, "needs"),
  ];
  const form = filled([created("invalid"), ...later], NOW)!;
  expect(form).toMatchObject({ kind: "report", record: "r1", category: "road", severity: "urgent", note: "灯坏了", place_note: "四楼" });
  expect([Object.keys(form.photos), Object.keys(form.voice), form.mends.length]).toEqual([["s1", "s2"], ["v1"], 3]);
  expect(form.more).toMatchObject({ temp_no: "7", captured_at: "x" });
  expect(Object.values(form.more.additions as Fields)).toEqual([{ text: "又多了一个" }, { text: "搬走了" }]);
  expect(form.more).not.toHaveProperty("status");
});

test("what the server found wrong and the form does not show is left out", () => {
  const bad = { ...created("invalid"), errors: { temp_no: ["x"] } };
  expect(filled([bad], NOW)!.more).toEqual({ captured_at: "x" });
});

test.each(["id_reused", "gone", "wrong_type"])("X3 after %s it becomes another thing", (reason) => {
  expect(filled([created(reason)], NOW)!.record).not.toBe("r1");
});

test.each<[string, Fields, string | null, string]>([
  ["an answer", { status: { from: "working", to: "resolved", cycle: 1 }, resolution: { text: "好了" } }, "resolve", "好了"],
  ["something put on hold", { status: { from: "working", to: "on_hold", cycle: 1 }, hold: { reason: "等配件", until: "2026-06-20T10:00:00.000Z" } }, "hold", "等配件"],
  ["an addition", { additions: { a: { text: "又来" } } }, "add", "又来"],
  ["a picture alone", { photos: { s1: photo } }, "add", ""],
  ["one tap", { status: { from: "reported", to: "accepted", cycle: 1 } }, null, ""],
])("%s goes back into its own form, filled", (_name, set, kind, note) => {
  const one = refusal(set, "not_allowed");
  expect(formOf(one.change)).toBe(kind);
  expect(filled([one], NOW)?.note ?? "").toBe(note);
  if (kind === "hold") expect(filled([one], NOW)!.until).toBe("2026-06-20T10:00:00.000Z");
});
