import { expect, test } from "vitest";

import { Packing, ZLIB } from "./packing";
import * as phrases from "./phrases";
import { Transport } from "./transport";

const asked = (answer: () => Response) => new Transport("", () => Promise.resolve(answer())).has("/api/v1/photos/x");
const typed = (status: number, type: string) => new Response(null, { status, headers: { "content-type": type } });

test("P2 only a picture or a sound is taken for a yes: the log-in page of a network is none", async () => {
  expect(await asked(() => typed(200, "image/jpeg"))).toBe(true);
  expect(await asked(() => typed(200, "audio/webm"))).toBe(true);
  expect(await asked(() => typed(404, "application/problem+json"))).toBe(false);
  expect(await asked(() => typed(200, "text/html"))).toBe(null);
  expect(await asked(() => typed(401, "application/problem+json"))).toBe(null);
  expect(await asked(() => { throw new TypeError("network"); })).toBe(null);
});

const SMALL = { device: "019ec000-0000-7000-8000-0000000000de", changes: [{ note: "楼道里堆着旧沙发,说好周五前搬走".repeat(20) }] };
const typeOf = (init: RequestInit) => new Headers(init.headers).get("content-type");
const spoken = (value: unknown) => new Response(phrases.pack(JSON.stringify(value)), { headers: { "content-type": ZLIB } });
const refused = () => new Response('{"code":"unsupported_type"}', { status: 415, headers: { "content-type": "application/problem+json" } });

/** A line whose server has answered once, so that the phone has the phrases; `sent` is what went out since. */
async function line(answer: (init: RequestInit) => Response, packing = new Packing()) {
  const sent: RequestInit[] = [];
  let said = (_init: RequestInit): Response => Response.json({});
  const transport = new Transport("", (_url, init) => Promise.resolve((sent.push(init), said(init))), () => 0, packing);
  await transport.json("POST", "/api/v1/sync", SMALL);
  await packing.learn();
  expect(sent.splice(0).map(typeOf)).toEqual(["application/json"]);
  said = answer;
  const ask = () => transport.json("POST", "/api/v1/sync", SMALL);
  return { ask, sent };
}

test("once a server has answered, small calls and their answers travel in phrases that both know", async () => {
  const { ask, sent } = await line(() => spoken({ protocol: 1, note: "好" }));
  expect((await ask()).body).toEqual({ protocol: 1, note: "好" });
  expect(typeOf(sent[0]!)).toBe(ZLIB);
  expect(JSON.parse(phrases.unpack(sent[0]!.body as ArrayBuffer))).toEqual(SMALL);
});

test("a server with other phrases gets the same call at once in gzip, and so all that follow", async () => {
  const { ask, sent } = await line((init) => (typeOf(init) === ZLIB ? refused() : Response.json({ protocol: 1 })));
  expect((await ask()).body).toEqual({ protocol: 1 });
  await ask();
  expect(sent.map(typeOf)).toEqual([ZLIB, "application/json", "application/json"]);
});

test("X4 half an answer in phrases is no answer, and the next call goes without them", async () => {
  let whole = false;
  const half = phrases.pack(JSON.stringify({ receipts: Array.from({ length: 50 }, (_, n) => `${n}`) }));
  const { ask, sent } = await line(() => (whole ? Response.json({}) : new Response(half.slice(0, half.byteLength / 2), { headers: { "content-type": ZLIB } })));
  await expect(ask()).rejects.toMatchObject({ failure: { kind: "offline" } });
  whole = true;
  await ask();
  expect(sent.map(typeOf)).toEqual([ZLIB, "application/json"]);
});

test("where the phrases cannot be had, everything goes as before", async () => {
  const { ask, sent } = await line(() => Response.json({}), new Packing(() => Promise.reject(new TypeError("network"))));
  await ask();
  expect(sent.map(typeOf)).toEqual(["application/json"]);
});

test("what is large goes as gzip, what is tiny as it is", async () => {
  const packing = new Packing();
  await packing.learn();
  expect((await packing.pack(JSON.stringify({ words: "楼道".repeat(10_000) }))).headers).toEqual({ "content-type": "application/json", "content-encoding": "gzip" });
  expect((await packing.pack('{"a":1}')).body).toBe('{"a":1}');
});
