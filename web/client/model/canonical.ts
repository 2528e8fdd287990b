/**
 * The one form of a JSON value that is hashed (as sync/changes.py `canonical` makes it): keys sorted by code point at
 * every depth, no spaces, UTF-8. tests/vectors/canonical.json holds both sides to it.
 */

import type { Json } from "./wire";

export function canonical(value: Json): string {
  if (typeof value === "number") return numberText(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).sort(byCodePoint);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`).join(",")}}`;
}

/** As the server writes what it has read: tiny ones, and whole ones beyond 64 bits, as a power of ten. */
function numberText(value: number): string {
  const beyond = Number.isInteger(value) && (value >= 2 ** 64 || value <= -(2 ** 63));
  return beyond || (value !== 0 && Math.abs(value) < 1e-5) ? value.toExponential() : JSON.stringify(value);
}

/** `sort()` alone compares UTF-16 units, in which an emoji comes before a full-width letter. */
function byCodePoint(one: string, other: string): number {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const apart = a[at]!.codePointAt(0)! - b[at]!.codePointAt(0)!;
    if (apart !== 0) return apart;
  }
  return a.length - b.length;
}
