import { expect, test } from "vitest";

import { recordOf } from "../testing/fakes";
import type { View } from "./overlay";
import { countsOf, doorState, lastTry, mayTick, outcomeOf, untick, type TaskState } from "./task";
import type { Fields } from "./wire";

const AT = "2026-06-13T08:40:12.123Z";
const act = { account: "me", at: AT, id: "try-1" };

function task(status: TaskState, more: Fields = {}, cycle = 1): View {
  return { ...recordOf("t", 3, { status: { status, cycle }, ...more }), type: "task", pending: 0, settled: [] };
}

test("one tap means everything it means in one edit: the step, who and when, and that somebody was there", () => {
  expect(outcomeOf(task("todo"), "done", act)).toEqual({
    status: { from: "todo", to: "done", cycle: 1 }, done_at: AT, done_by: "me", tries: { "try-1": { outcome: "done", at: AT } },
  });
  expect(outcomeOf(task("todo"), "not_home", act)).toEqual({
    status: { from: "todo", to: "not_home", cycle: 1 }, also_by: { me: { at: AT } }, tries: { "try-1": { outcome: "not_home", at: AT } },
  });
  expect(outcomeOf(task("not_home"), "declined", { ...act, batch: "b" })).toMatchObject({ status: { from: "not_home", to: "declined" }, batch: "b" });
});

test("a second time before a closed door is one more try and no step; what is settled is not ticked again", () => {
  expect(outcomeOf(task("not_home"), "not_home", act)).toEqual({ also_by: { me: { at: AT } }, tries: { "try-1": { outcome: "not_home", at: AT } } });
  for (const settled of ["done", "declined", "not_applicable"] as const) expect(outcomeOf(task(settled), "done", act)).toBeNull();
});

test("a wrong tick goes back in the next cycle, with its reason", () => {
  expect(untick(task("done", {}, 2), "点错门了")).toEqual({ status: { from: "done", to: "todo", cycle: 3 }, untick_reason: { text: "点错门了" } });
});

test("a door shows 待定 where people wrote two things, of the step or of the answers, and half where one has begun", () => {
  const two = [{ value: "yes", by: "a", at: AT, change: "1" }, { value: "no", by: "b", at: AT, change: "2" }];
  const answers = { ...task("done"), type: "survey_response", conflicts: { answers: { gas: two } } };
  expect(doorState(task("done"), answers, false)).toBe("undecided");
  expect(doorState({ ...task("done"), conflicts: { status: two } }, undefined, false)).toBe("undecided");
  expect(doorState(task("todo"), undefined, true)).toBe("begun");
  expect(doorState(task("done"), undefined, true)).toBe("done");
});

test("the line under the house counts what is left, and what waits for a decision apart", () => {
  expect(countsOf(["todo", "not_home", "begun", "done", "declined", "undecided"])).toEqual({ all: 6, left: 3, undecided: 1 });
});

test("whoever the door is given to may tick it, a captain may, a passer-by may not; while it is paused and once it is over, nobody", () => {
  const open = recordOf("c", 1, { status: { status: "open", cycle: 1 } });
  const paused = recordOf("c", 2, { status: { status: "paused", cycle: 1 } });
  expect(mayTick(open, task("todo"), "me", ["grid_worker"])).toBe(false);
  expect(mayTick(open, task("todo", { assignees: { me: { as: "grid_worker" } } }), "me", ["grid_worker"])).toBe(true);
  expect(mayTick(open, task("done"), "me", ["building_captain"])).toBe(true); // to set it right
  expect(mayTick(paused, task("todo"), "me", ["building_captain"])).toBe(false);
  expect(mayTick(open, task("todo", { closed_at: AT }), "me", ["building_captain"])).toBe(false);
});

test("the last time somebody was there is told whoever it was", () => {
  const tries = { a: { outcome: "not_home", at: "2026-06-12T08:00:00.000Z" }, b: { outcome: "done", at: AT }, c: null };
  expect(lastTry(task("done", { tries }))).toEqual({ outcome: "done", at: AT });
  expect(lastTry(task("todo"))).toBeNull();
});
