/**
 * UUIDv7 that only grow (SYNC.md X7): within one database no id is ever below an earlier one, whatever the
 * phone's clock does. The caller keeps the last id in the same transaction that uses the new one.
 */

export type RandomBytes = (count: number) => Uint8Array;

export const secureRandom: RandomBytes = (count) => crypto.getRandomValues(new Uint8Array(count));

const RANDOM_BITS = 74n; // 12 bits behind the version, 62 behind the variant
const RANDOM_MASK = (1n << RANDOM_BITS) - 1n;
const TIME_MASK = (1n << 48n) - 1n;

/** The id after `last` at `now` (milliseconds). A clock that stands still or runs back counts on from `last`. */
export function nextId(last: string | null, now: number, random: RandomBytes = secureRandom): string {
  const fresh = (BigInt(Math.max(0, Math.floor(now))) << RANDOM_BITS) | randomPart(random);
  if (last === null) return format(fresh);
  const before = parse(last);
  const later = fresh >> RANDOM_BITS > before >> RANDOM_BITS;
  return format(later ? fresh : before + 1n);
}

/** The millisecond that an id was made at, by the clock of its device. */
export function madeAt(id: string): number {
  return Number(parse(id) >> RANDOM_BITS);
}

function randomPart(random: RandomBytes): bigint {
  let bits = 0n;
  for (const byte of random(10)) bits = (bits << 8n) | BigInt(byte);
  // The topmost bit stays clear, so that counting on never runs into the time.
  return bits & (RANDOM_MASK >> 1n);
}

function format(bits: bigint): string {
  const time = (bits >> RANDOM_BITS) & TIME_MASK;
  const a = (bits >> 62n) & 0xfffn;
  const b = bits & ((1n << 62n) - 1n);
  const hex = ((time << 80n) | (0x7n << 76n) | (a << 64n) | (0b10n << 62n) | b).toString(16).padStart(32, "0");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function parse(id: string): bigint {
  const bits = BigInt(`0x${id.replaceAll("-", "")}`);
  const time = bits >> 80n;
  const a = (bits >> 64n) & 0xfffn;
  const b = bits & ((1n << 62n) - 1n);
  return (time << RANDOM_BITS) | (a << 62n) | b;
}
