import { describe, expect, it } from "vitest";

import { codeOf, screenOf, typedCode } from "./codes";
import type { View } from "./overlay";
import { PlaceIndex } from "./places";
import { checkKey, checkOf, companions, foundAt, isMine, isPlannedFor, isShort, KINDS, lastMoment, shortened, tilesOf } from "./round";
import type { BookRecord, Fields } from "./wire";

const AT = "2026-06-13T08:40:00.000Z";

function place(type: string, id: string, name: string, parent: string, position: number): BookRecord {
  const fields = { name, label: name, parent_id: parent, position };
  return { id, type, book: "grid", seq: 1, schema: 1, fields, by: "x", made_at: AT, changed_at: AT, void: false };
}

const places = new PlaceIndex([{ book: "grid", name: "柳湾一网格", kind: "grid", access: "write" }], [
  place("building", "b1", "柳湾里1号楼", "grid", 1),
  place("building", "b2", "柳湾里12号楼", "grid", 2),
  place("unit", "u11", "柳湾里1号楼1单元", "b1", 1),
  place("unit", "u12", "柳湾里1号楼2单元", "b1", 2),
]);

function round(fields: Fields, id = "r1"): View {
  const common = { place_id: "grid", kind: "daily", status: { status: "active", cycle: 1 }, started_at: AT, members: { me: { at: AT } } };
  return { id, type: "round", book: "grid", seq: 1, schema: 1, by: "me", made_at: AT, changed_at: AT, void: false, pending: 0, settled: [], fields: { ...common, ...fields } };
}

const stop = (at: string, where: string): Fields => ({ place: where, method: "hand", at });

describe("the tiles of a round", () => {
  it("are the houses, for fire safety the stairways, of a captain's the own one", () => {
    expect(tilesOf(round({}), [], places).map((tile) => tile.name)).toEqual(["1号楼", "12号楼"]);
    expect(tilesOf(round({ kind: "fire" }), [], places).map((tile) => tile.place)).toEqual(["u11", "u12"]);
    expect(tilesOf(round({ place_id: "u12" }), [], places).map((tile) => tile.place)).toEqual(["u12"]);
  });
  it("are those of the plan in its order, and whatever else was looked at", () => {
    const view = round({ wanted: { u12: { order: 2 }, b2: { order: 1 } }, stops: { x: stop(AT, "b1") } });
    expect(tilesOf(view, [], places).map((tile) => tile.place)).toEqual(["b2", "u12", "b1"]);
    expect(isShort(view, tilesOf(view, [], places))).toBe(true);
    expect(isShort(round({}), tilesOf(round({}), [], places))).toBe(false);
  });
  it("are the place itself where nothing is entered below it", () => {
    expect(tilesOf(round({}), [], new PlaceIndex([{ book: "grid", name: "东门", kind: "post", access: "write" }], [])).map((tile) => tile.name)).toEqual(["东门"]);
  });
});

describe("what was found", () => {
  const item = KINDS[0]!.items[0]!.value;
  it("is wrong where anybody who walked along found it wrong", () => {
    const mine = round({ checks: { [checkKey("b1", item)]: "fine" }, stops: { x: stop(AT, "b1") } });
    const theirs = round({ with_code: "ABCDEF", checks: { [checkKey("b1", item)]: "bad" } }, "r2");
    expect(companions(mine, [mine, theirs], "ABCDEF")).toEqual([theirs]);
    expect(companions(mine, [mine, theirs], null)).toEqual([]);
    expect(checkOf([mine, theirs], "b1", item)).toBe("bad");
    expect([foundAt([mine], "b1"), foundAt([mine, theirs], "b1"), foundAt([mine], "b2")]).toEqual(["fine", "bad", "todo"]);
    expect(foundAt([round({ stops: { x: stop(AT, "b1") } })], "b1")).toBe("looked");
  });
  it("is last said at the latest look, else at the beginning", () => {
    expect(lastMoment(round({}))).toBe(Date.parse(AT));
    expect(lastMoment(round({ stops: { y: stop("2026-06-13T09:40:00.000Z", "b2"), x: stop(AT, "b1") } }))).toBe(Date.parse("2026-06-13T09:40:00.000Z"));
  });
});

describe("whose it is", () => {
  it("who is only named in a colleague's round walks another", () => {
    expect(isMine(round({ members: { me: { at: AT }, you: {} } }), "me")).toBe(true);
    expect(isMine(round({ members: { me: { at: AT }, you: {} } }), "you")).toBe(false);
    expect(isMine(round({ status: { status: "done", cycle: 1 } }), "me")).toBe(false);
  });
  it("a plan is for those whom it names, or for whoever comes", () => {
    const planned = { status: { status: "planned", cycle: 1 } };
    expect(isPlannedFor(round({ ...planned, members: {} }), "you")).toBe(true);
    expect(isPlannedFor(round({ ...planned, members: { me: {} } }), "you")).toBe(false);
  });
});

describe("names and codes", () => {
  it("cuts what all names begin with, and no number in two", () => {
    expect(shortened(["柳湾里10号楼", "柳湾里1号楼"])).toEqual(["10号楼", "1号楼"]);
    expect(shortened(["柳湾里1号楼"])).toEqual(["柳湾里1号楼"]);
    expect(shortened(["东门", "东门"])).toEqual(["门", "门"]);
  });
  it("makes the code that the server makes", async () => {
    expect(await codeOf("019ec000-0000-7000-8000-0000000000c3")).toBe("FFCKQM");
  });
  it("reads signs, invitations and typed codes, and nothing else", () => {
    expect(screenOf("https://example.cn/app/#/at/K7QM2F")).toBe("/at/K7QM2F");
    expect(screenOf("https://example.cn/app/#/walk/K7QM2F/fire/a-b/c")).toBe("/walk/K7QM2F/fire/a-b/c");
    expect(screenOf("k7q m2f")).toBe("/at/K7QM2F");
    for (const text of ["https://example.cn/pay", "https://x/#/me", "K7QM20", "", "https://x/#/at/../me"]) expect(screenOf(text)).toBeNull();
    expect(typedCode("K7QM2")).toBeNull();
  });
});
