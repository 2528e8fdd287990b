/**
 * The records of a type, kept in memory while the app is open. A head with ten thousand doors must not read all of them anew because
 * one changed, or because something else was written. Whatever changes records notes their ids in the same transaction (`note`,
 * `tell`); a reader fetches only those.
 */

import Dexie from "dexie";

import type { View } from "../model/overlay";
import type { BookRecord } from "../model/wire";
import { open } from "./codec";
import type { Database } from "./database";

/** Of a type: how often its records have changed, and which, as far back as there is room to say. */
export interface Pulse {
  n: number;
  log: { n: number; ids: string[] | null }[];
}

const MOST_IDS = 300;
const SLICE = 250;
const SHELF = "shelf:";
const keyOf = (type: string): string => SHELF + type;
/** By id: how it stands now, null where it is not to be seen any more, undefined where one has to look. */
type Noted = Map<string, BookRecord | null | undefined>;
const noted = new WeakMap<object, Map<string, Noted>>();

/** In a transaction that changes records: this one has changed; `now` where that is known. */
export function note(type: string, id: string, now?: BookRecord | null): void {
  const here = Dexie.currentTransaction as object;
  const types = noted.get(here) ?? new Map<string, Noted>();
  noted.set(here, types);
  const all = types.get(type) ?? new Map<string, BookRecord | null | undefined>();
  types.set(type, all.set(id, now));
}

/** At the end of that transaction: let whoever shows these records know. */
export async function tell(db: Database): Promise<void> {
  const here = Dexie.currentTransaction;
  for (const [type, all] of noted.get(here) ?? []) {
    const { n, log } = await pulseOf(db, type);
    const fresh = { n: n + 1, ids: all.size > MOST_IDS ? null : [...all.keys()] };
    await db.set(keyOf(type), { n: n + 1, log: inRoom([...log, fresh]) } satisfies Pulse);
    // Once it is on disk: what lies in memory goes on from there, and of a long pull nothing is read back.
    here.on("complete", () => shelves.get(db)?.get(type)?.take(n, all));
  }
  noted.delete(here);
}

function inRoom(log: Pulse["log"]): Pulse["log"] {
  let room = MOST_IDS;
  const kept: Pulse["log"] = [];
  for (const each of [...log].reverse()) {
    room -= each.ids?.length ?? 0;
    if (room < 0 || each.ids === null) return [each, ...kept].slice(room < 0 ? 1 : 0);
    kept.unshift(each);
  }
  return kept;
}

class Shelf {
  /** Up to which change it is; -1 of one that was never filled. */
  n = -1;
  readonly views = new Map<string, View>();
  private told: View[] | null = null;
  private filling: Promise<void> | null = null;

  constructor(private readonly db: Database, private readonly type: string) {}

  get list(): View[] {
    this.told ??= [...this.views.values()].filter((view) => !view.void);
    return this.told;
  }

  /** At least as new as that pulse. Readers that come at the same time wait for one reading. */
  async reach(pulse: Pulse): Promise<void> {
    while (this.n < pulse.n) {
      // In a moment of its own: no transaction and no reader that gives up takes this reading along.
      this.filling ??= new Promise<void>((done, failed) => setTimeout(() => void this.fill().then(done, failed)));
      await this.filling.finally(() => (this.filling = null));
    }
  }

  /** What has just been written over the state `n`; whoever is further back, or would have to look, reads as ever. */
  take(n: number, all: Noted): void {
    if (this.n !== n || [...all.values()].includes(undefined)) return;
    for (const [id, record] of all) {
      if (record) this.views.set(id, viewOf(record));
      else this.views.delete(id);
    }
    this.n = n + 1;
    this.told = null;
  }

  private async fill(): Promise<void> {
    const { db } = this;
    await db.transaction("r", [db.records, db.meta], async () => {
      const pulse = await pulseOf(db, this.type);
      const ids = this.n < 0 ? null : since(pulse, this.n);
      if (ids) await this.refresh(ids);
      else await this.read();
      this.n = pulse.n;
      this.told = null;
    });
  }

  /** In slices, each a task of its own: ten thousand doors in one go would hold a slow phone up for a second. */
  private async read(): Promise<void> {
    this.views.clear();
    for (let after: unknown = Dexie.minKey, more = true; more; ) {
      const rows = await this.db.records.where("[type+id]").between([this.type, after], [this.type, Dexie.maxKey], false, false).limit(SLICE).toArray();
      for (const row of rows) if (row.aside === 0) this.views.set(row.id, viewOf(open(row.body)));
      after = rows.at(-1)?.id;
      more = rows.length === SLICE;
    }
  }

  private async refresh(ids: string[]): Promise<void> {
    const rows = await this.db.records.bulkGet(ids);
    rows.forEach((row, index) => {
      if (row && row.type === this.type && row.aside === 0) this.views.set(row.id, viewOf(open(row.body)));
      else this.views.delete(ids[index]!);
    });
  }
}

const viewOf = (record: View | Omit<View, "pending" | "settled">): View => ({ ...record, pending: 0, settled: [] });

/** What has changed after `n`; null where that is not known any more. */
function since({ n, log }: Pulse, after: number): string[] | null {
  const later = log.filter((each) => each.n > after);
  if (later.length !== n - after || later.some((each) => each.ids === null)) return null;
  return [...new Set(later.flatMap((each) => each.ids!))];
}

const shelves = new WeakMap<Database, Map<string, Shelf>>();

/** How far the records of a type have come. What reads this through `watch` is asked again when one of them changes. */
export async function pulseOf(db: Database, type: string): Promise<Pulse> {
  return (await db.get<Pulse>(keyOf(type))) ?? { n: 0, log: [] };
}

/** Of every type of which a record has ever changed. */
export async function allPulses(db: Database): Promise<Map<string, Pulse>> {
  const rows = await db.meta.where("key").startsWith(SHELF).toArray();
  return new Map(rows.map(({ key, value }) => [key.slice(SHELF.length), value as Pulse]));
}

export type Shelved = Pick<Shelf, "views" | "list">;

/** The records of a type, at least as they stood at that pulse. */
export async function shelved(db: Database, type: string, pulse: Pulse): Promise<Shelved> {
  const all = shelves.get(db) ?? new Map<string, Shelf>();
  shelves.set(db, all);
  const found = all.get(type) ?? new Shelf(db, type);
  all.set(type, found);
  // Through Dexie's own promise: whatever is read after it still counts as read by the one who watches.
  await Dexie.Promise.resolve(found.reach(pulse));
  return found;
}
