import { describe, expect, it } from "vitest";

import type { BookRecord } from "../model/wire";
import { applyReply, forgetPulled } from "./apply";
import { Database } from "./database";
import { views, watch } from "./reads";
import { save } from "./save";

const CALL = { protocol: 1 as const, device: "d", epoch: null, last: null, newest: null, cursors: {}, changes: [], limit: 5000 };
const CLOCKS = { now: (): number => 1_750_000_000_000, skew: (): number => 0 };
let count = 0;

const fresh = (): Database => new Database("test", `shelf-${(count += 1)}`);

function door(id: string, seq: number, name = id, type = "household"): BookRecord {
  return { id, type, book: "b", seq, schema: 1, fields: { name }, by: "a", made_at: "2026-06-13T04:00:00.000Z", changed_at: "2026-06-13T04:00:00.000Z", void: false };
}

async function pulled(db: Database, records: BookRecord[], more: { forget?: string[]; erased?: string[] } = {}): Promise<void> {
  const seq = Math.max(1, ...records.map((each) => each.seq));
  const page = { book: "b", cursor: [seq, "c", "s"] as [number, string, string], head: seq, restart: false, erased: [], forget: [], records, ...more };
  await applyReply(db, "a", CALL, { protocol: 1, epoch: "e", server_time: "2026-06-13T04:00:00.000Z", receipts: [], books: [page], dropped: [], busy: [], reoffer: false, more: false });
}

const names = async (db: Database): Promise<string[]> => (await views(db, "household", "a")).map((view) => String(view.fields.name)).sort();

async function until(true_: () => boolean): Promise<void> {
  for (let tries = 0; !true_() && tries < 200; tries += 1) await new Promise((done) => setTimeout(done, 5));
  expect(true_()).toBe(true);
}

describe("records that are kept at hand", () => {
  it("are those of the database, whatever has happened to it", async () => {
    const db = fresh();
    expect(await names(db)).toEqual([]);
    await pulled(db, [door("1", 1), door("2", 2), door("x", 3, "x", "unit")]);
    expect(await names(db)).toEqual(["1", "2"]);
    await pulled(db, [door("2", 4, "two")]);
    expect(await names(db)).toEqual(["1", "two"]);
    await pulled(db, [door("3", 5)], { forget: ["1"] });
    expect(await names(db)).toEqual(["3", "two"]);
    await pulled(db, [], { erased: ["3"] });
    expect(await names(db)).toEqual(["two"]);
    await forgetPulled(db);
    expect(await names(db)).toEqual([]);
  });

  it("are read once, and after that only what has changed", async () => {
    const db = fresh();
    await pulled(db, Array.from({ length: 1000 }, (_, at) => door(`d${at}`, at + 1)));
    const first = await views(db, "household", "a");
    const again = await views(db, "household", "a");
    expect(again).toBe(first);
    await pulled(db, [door("d7", 2000, "seven")]);
    const later = await views(db, "household", "a");
    expect(later.find((view) => view.id === "d8")).toBe(first.find((view) => view.id === "d8"));
    expect(later.find((view) => view.id === "d7")!.fields.name).toBe("seven");
  });

  it("are read whole again where too much has changed to say what", async () => {
    const db = fresh();
    await pulled(db, [door("1", 1)]);
    expect(await names(db)).toHaveLength(1);
    await pulled(db, Array.from({ length: 400 }, (_, at) => door(`e${at}`, at + 2)));
    expect(await names(db)).toHaveLength(401);
    for (let at = 0; at < 40; at += 1) await pulled(db, Array.from({ length: 20 }, (_, each) => door(`f${at}-${each}`, 1000 + at * 20 + each)));
    expect(await names(db)).toHaveLength(1201);
  });

  it("let whoever watches know, of what was pulled and of what was written here, also after the first read", async () => {
    const db = fresh();
    await pulled(db, [door("1", 1)]);
    const seen: string[][] = [];
    const off = watch(async () => {
      const doors = (await views(db, "household", "a")).map((view) => String(view.fields.name));
      const units = (await views(db, "unit", "a")).map((view) => String(view.fields.name));
      const marked = await db.get<string>("mark");
      return [...doors, ...units, ...(marked ? [marked] : [])].sort();
    }, (found) => void seen.push(found));
    await until(() => seen.length > 0);
    await pulled(db, [door("2", 2)]);
    await until(() => seen.at(-1)!.includes("2"));
    await pulled(db, [door("u", 3, "u", "unit")]);
    await until(() => seen.at(-1)!.includes("u"));
    await save(db, "a", { book: "b", record: "1", type: "household", schema: 1, seen: 1, knew: null, set: { name: "mine" } }, CLOCKS);
    await until(() => seen.at(-1)!.includes("mine"));
    await db.set("mark", "marked");
    await until(() => seen.at(-1)!.includes("marked"));
    off();
  });

  it("are the same for many who ask at once", async () => {
    const db = fresh();
    await pulled(db, Array.from({ length: 50 }, (_, at) => door(`d${at}`, at + 1)));
    const all = await Promise.all(Array.from({ length: 20 }, () => views(db, "household", "a")));
    expect(new Set(all).size).toBe(1);
  });
});
