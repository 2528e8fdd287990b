import { expect, test } from "vitest";

import vectors from "../../../tests/vectors/canonical.json";
import { canonical } from "./canonical";
import { sha256Of } from "./hash";
import { missing, proofOf, type ProofEntry } from "./proof";
import type { Json } from "./wire";

const entries = vectors.proof.entries as ProofEntry[];

test.each(vectors.values.map((each) => [each.sent, each]))("X3 %s is hashed as on the server", async (sent, expected) => {
  const text = canonical(JSON.parse(sent) as Json);
  expect(text).toBe(expected.canonical);
  expect(await sha256Of(new TextEncoder().encode(text).buffer as ArrayBuffer)).toBe(expected.sha256);
});

test("a digest does not depend on the order that the entries were found in", async () => {
  const proof = await proofOf([...entries].reverse());
  expect(proof).toEqual({ after: "0197a000-0000-7000-8000-000000000000", until: entries.at(-1)![0], count: entries.length, digest: vectors.proof.digest });
});

test("what the server does not hold, or holds with another content, is missing; what it holds besides is not", () => {
  const answer = { same: false as const, count: 3, entries: [entries[0]!, [entries[1]![0], "f".repeat(64)], ["more", "0"]] as ProofEntry[] };
  expect(missing(entries.slice(0, 2), answer)).toEqual([entries[1]![0]]);
  expect(missing(entries, { same: true, count: 4 })).toEqual([]);
  expect(missing(entries, undefined)).toEqual(entries.map(([id]) => id));
});
