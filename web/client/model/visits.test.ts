import { expect, test } from "vitest";

import { alerts, dueAt, dueToday, goingsOf, inVain, saidNo, stateAfter, type Outcome } from "./visits";
import type { BookRecord } from "./wire";

const NOW = Date.parse("2026-06-13T12:00:00");
const DAY = 86_400_000;
const iso = (at: number): string => new Date(at).toISOString();
let count = 0;

function record(type: string, fields: BookRecord["fields"], made = NOW - 30 * DAY): BookRecord {
  count += 1;
  return { id: `${type}-${count}`, type, book: "grid", seq: 1, schema: 1, fields, by: "me", made_at: iso(made), changed_at: iso(made), void: false };
}

const agreement = (more: BookRecord["fields"] = {}): BookRecord =>
  record("care_agreement", { place_id: "door", frequency: "weekly", carers: { me: {} }, ends_on: "2027-06-01", ...more });

function visit(of: BookRecord | null, status: string, goings: [Outcome, number][], more: BookRecord["fields"] = {}): BookRecord {
  const outcome = Object.fromEntries(goings.map(([what, days], nth) => [`${nth}`, { what, by: "me", at: iso(NOW - days * DAY) }]));
  const about = of ? { care_agreement_id: of.id, purpose: "care" } : { purpose: "safety_check" };
  return record("visit", { place_id: "door", status: { status, cycle: 1 }, outcome, ...about, ...more });
}

const due = (agreed: BookRecord, ...visits: BookRecord[]): number | null => {
  const at = dueAt(agreed, visits, NOW);
  return at === null ? null : Math.round((at - NOW) / DAY);
};

test("an agreement that nobody has kept yet is due from its first day", () => {
  expect(due(agreement())).toBe(-30);
});

test("it is due again as often as was agreed, and the day after nobody was there", () => {
  const [weekly, daily] = [agreement(), agreement({ frequency: "daily" })];
  expect(due(weekly, visit(weekly, "done", [["met", 3]]))).toBe(4);
  expect(due(daily, visit(daily, "done", [["phoned", 3]]))).toBe(-2);
  expect(due(weekly, visit(weekly, "retry", [["not_home", 1]]))).toBe(0);
});

test("an earlier promise comes first, one that was kept counts no more", () => {
  const agreed = agreement({ frequency: "monthly" });
  const promise = visit(agreed, "done", [["met", 10]], { next_at: "2026-06-12" });
  expect(due(agreed, promise)).toBeLessThan(0);
  expect(due(agreed, promise, visit(agreed, "done", [["met", 1]]))).toBe(29);
});

test("nobody is due where it is over, where somebody said no, and where nobody lives any more", () => {
  expect(due(agreement({ ends_on: "2026-06-12" }))).toBeNull();
  const [no, gone] = [agreement(), agreement()];
  expect(due(no, visit(no, "declined", [["declined", 20]]))).toBeNull();
  expect(due(gone, visit(gone, "done", [["moved", 20]]))).toBeNull();
});

test("today's visits are those of one's own agreements and those one was sent on; nobody goes twice on one day", () => {
  const mine = agreement();
  const others = agreement({ carers: { somebody: {} } });
  const sent = visit(null, "planned", [], { assignees: { me: { as: "visitor" } } });
  const another = visit(null, "planned", [], { assignees: { somebody: {} } });
  const anybody = visit(null, "planned", []);
  const later = visit(null, "planned", [], { planned_for: "2026-06-20" });
  const tried = visit(null, "retry", [["not_home", 0]]);
  const all = [sent, another, anybody, later, tried];
  const about = (walks: boolean): string[] =>
    dueToday([mine, others], all, { account: "me", walks }, NOW).map((each) => (each.agreement ?? each.visit)!.id).sort();
  expect(about(true)).toEqual([mine.id, sent.id, anybody.id].sort());
  expect(about(false)).toEqual([mine.id, sent.id].sort());
});

test("a visit that waits is gone on with", () => {
  const agreed = agreement();
  const waiting = visit(agreed, "retry", [["not_home", 2]]);
  expect(dueToday([agreed], [waiting], { account: "me", walks: true }, NOW)).toMatchObject([{ agreement: agreed, visit: waiting }]);
});

test("what happened at the door says how the visit stands; three times somebody comes again", () => {
  const tried = (times: number) => Array.from({ length: times }, (_, nth) => ({ what: "not_home" as const, by: "me", at: iso(NOW + nth) }));
  expect(["met", "phoned", "moved", "declined"].map((what) => stateAfter(what as Outcome, []))).toEqual(["done", "done", "done", "declined"]);
  expect([0, 1, 2, 3].map((times) => stateAfter("not_home", tried(times)))).toEqual(["retry", "retry", "retry", "done"]);
});

test("nobody twice in a row is an alert until somebody was met, also over two visits", () => {
  const agreed = agreement();
  const once = visit(agreed, "retry", [["not_home", 3]]);
  expect(alerts([once])).toEqual([]);
  const again = visit(agreed, "retry", [["not_home", 1]]);
  expect(alerts([again, once])).toMatchObject([{ about: agreed.id, place: "door" }]);
  expect(alerts([again, once, visit(agreed, "done", [["met", 0]])])).toEqual([]);
  expect(alerts([visit(null, "retry", [["not_home", 2], ["not_home", 1]])])).toEqual([]);
  expect(inVain(goingsOf([once, again]))).toHaveLength(2);
});

test("who said no is left in peace for twelve months, for that purpose", () => {
  const no = visit(null, "declined", [["declined", 100]]);
  expect(saidNo([no], "door", "safety_check", NOW)).not.toBeNull();
  expect(saidNo([no], "door", "notice", NOW)).toBeNull();
  expect(saidNo([no], "next door", "safety_check", NOW)).toBeNull();
  expect(saidNo([no], "door", "safety_check", NOW + 266 * DAY)).toBeNull();
});
