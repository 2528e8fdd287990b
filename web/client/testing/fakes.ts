/** What unit tests stand on: a database in memory, a server that answers by script, a clock that is set. */

import type { BookPage, BookRecord, Change, Cursor, Receipt, SyncCall, SyncReply } from "../model/wire";
import { Database } from "../store/database";
import type { NewEdit } from "../store/save";
import { ZLIB } from "../sync/packing";
import { unpack } from "../sync/phrases";
import type { Phone } from "../sync/round";
import { Transport } from "../sync/transport";

export const ME = "019ec000-0000-7000-8000-000000000001";
export const BOOK = "019ec000-0000-7000-8000-00000000b00c";
export const EPOCH = "019ec000-0000-7000-8000-0000000e90c4";
let count = 0;

class MemoryStorage {
  private readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
  clear = (): void => this.items.clear();
}

/** A fresh phone: nothing in its database, nothing noted beside it. */
export function freshDatabase(): Database {
  Object.defineProperty(globalThis, "localStorage", { value: new MemoryStorage(), configurable: true });
  count += 1;
  return new Database(`test-${count}`, ME);
}

export const steadyClock = (at = Date.parse("2026-06-13T08:40:12.123Z")) => ({ now: () => at, skew: () => 0 });

export function report(record: string, set: NewEdit["set"] = {}): NewEdit {
  const status = { from: null, to: "reported", cycle: 1 };
  return { book: BOOK, record, type: "case", schema: 1, create: true, seen: 0, knew: null, set: { status, ...set } };
}

export function recordOf(id: string, seq: number, fields: BookRecord["fields"] = {}): BookRecord {
  const at = "2026-06-13T08:40:12.123Z";
  return { id, type: "case", book: BOOK, seq, schema: 1, fields, by: ME, made_at: at, changed_at: at, void: false };
}

export function page(records: BookRecord[], head: number, more: Partial<BookPage> = {}): BookPage {
  const cursor: Cursor = [more.cursor?.[0] ?? head, `change-${head}`, "scope"];
  return { book: BOOK, head, restart: false, erased: [], forget: [], records, ...more, cursor: more.cursor ?? cursor };
}

export function applied(changes: readonly Change[], from: number): Receipt[] {
  return changes.map((change, index) => (
    { index, id: change.id, outcome: "applied", seq: from + index, fields: {}, reason: null, errors: null }));
}

export function reply(part: Partial<SyncReply> = {}): SyncReply {
  return {
    protocol: 1, epoch: EPOCH, server_time: "2026-06-13T08:40:12.123Z", receipts: [], books: [], dropped: [], busy: [],
    reoffer: false, more: false, ...part,
  };
}

export type Script = (call: SyncCall, nth: number) => SyncReply | Response;

/** A phone whose every call is answered by `script`; `calls` is what it asked. */
export function phoneWith(db: Database, script: Script, calls: SyncCall[] = []): Phone & { skew: number | null } {
  const clock = steadyClock();
  const answer = async (_url: string, init: RequestInit): Promise<Response> => {
    const call = JSON.parse(await bodyText(init)) as SyncCall;
    calls.push(call);
    const said = script(call, calls.length);
    return said instanceof Response ? said : Response.json(said);
  };
  const phone = {
    db, account: ME, device: "019ec000-0000-7000-8000-0000000000de", transport: new Transport("", answer, clock.now),
    now: clock.now, skew: null as number | null, measured: (skew: number) => void (phone.skew = skew), named: async () => undefined,
  };
  return phone;
}

export async function bodyText(init: RequestInit): Promise<string> {
  if (typeof init.body === "string") return init.body;
  if (new Headers(init.headers).get("content-type") === ZLIB) return unpack(init.body as ArrayBuffer);
  const stream = new Blob([init.body as ArrayBuffer]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  const type = { "content-type": "application/problem+json" };
  return new Response(JSON.stringify({ code, status }), { status, headers: { ...type, ...headers } });
}
