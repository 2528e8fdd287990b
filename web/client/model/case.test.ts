import { expect, test } from "vitest";

import { ME, recordOf } from "../testing/fakes";
import { awaitsWord, journey, nextStop, offered } from "./case";
import type { HistoryChange } from "./wire";

const at = (n: number): string => `2026-06-13T08:0${n}:00.000Z`;

function told(n: number, by: string, set: HistoryChange["set"]): HistoryChange {
  return { id: `c${n}`, seq: n, device: "d", by, at: at(n), made_at: at(n), set, void: null, outcome: "applied", via: null };
}

const step = (from: string | null, to: string, cycle = 1) => ({ from, to, cycle });
const HISTORY = [
  told(1, ME, { status: step(null, "reported") }),
  told(2, "s", { seen_at: at(2) }),
  told(3, "s", { status: step("reported", "accepted") }),
  told(4, "h", { status: step("working", "resolved"), resolution: { text: "清走了" } }),
];

test("the journey tells each step, whose it was, and in their words", () => {
  const stops = journey(recordOf("r", 4), HISTORY, [], ME);
  expect(stops.map((stop) => [stop.what, stop.mine])).toEqual([["reported", true], ["seen", false], ["accepted", false], ["resolved", false]]);
  expect(stops.at(-1)!.words).toBe("清走了");
});

test("a step that is still on this phone ends the journey and is marked as waiting", () => {
  const change = { id: "c9", book: "b", record: "r", type: "case", schema: 1, epoch: null, seen: 4, made_at: at(5), set: { status: step("resolved", "working", 2) } };
  const last = journey(recordOf("r", 4), HISTORY, [change], ME).at(-1)!;
  expect(last).toMatchObject({ what: "reopened", pending: true, mine: true, cycle: 2 });
});

test("without its history a record still tells where it started and where it stands", () => {
  const record = recordOf("r", 4, { captured_at: at(1), status: { status: "working", cycle: 1 } });
  expect(journey(record, [], [], ME).map((stop) => stop.what)).toEqual(["reported", "working"]);
});

test("only steps of one's roles are offered, the finder's among them", () => {
  const resolved = recordOf("r", 4, { status: { status: "resolved", cycle: 1 } });
  expect(offered(resolved, ME, ["grid_worker"]).map((each) => each.to).sort()).toEqual(["closed", "working"]);
  expect(offered({ ...resolved, by: "other" }, ME, ["grid_worker"])).toEqual([]);
  const assigned = recordOf("r", 4, { status: { status: "assigned", cycle: 1 }, assignees: { [ME]: { as: "owner" } } });
  expect(offered({ ...assigned, by: "other" }, ME, ["dept_handler"]).map((each) => each.to).sort()).toEqual(["on_hold", "working"]);
});

test("the finder is asked when it says to be done, unless the finder mended it", () => {
  const resolved = recordOf("r", 4, { status: { status: "resolved", cycle: 1 } });
  expect(awaitsWord(resolved, ME)).toBe(true);
  expect(awaitsWord({ ...resolved, fields: { ...resolved.fields, self_fixed: true } }, ME)).toBe(false);
  expect(nextStop(resolved)).toBe("closed");
});
