import { expect, test } from "vitest";

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
