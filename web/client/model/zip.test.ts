import { expect, test } from "vitest";

import { crc32, directory, localHeader, stampOf } from "./zip";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the sum is that of every zip", () => {
  expect(crc32(bytes("123456789"))).toBe(0xcbf43926);
  expect(crc32(bytes(""))).toBe(0);
});

test("a moment is that of MS-DOS", () => {
  expect(stampOf(new Date(2026, 5, 13, 8, 40, 13))).toBe(((46 << 25) | (6 << 21) | (13 << 16) | (8 << 11) | (40 << 5) | 6) >>> 0);
});

test("the list at the end says where each file begins", () => {
  const files = [{ name: "a", size: 3, crc: 1 }, { name: "pictures/b", size: 5, crc: 2 }];
  const [first, second, end] = directory(files, 0) as [Uint8Array, Uint8Array, Uint8Array];
  const at = (block: Uint8Array, offset: number): number => new DataView(block.buffer).getUint32(offset, true);
  expect([at(first, 42), at(second, 42)]).toEqual([0, localHeader(files[0]!, 0).length + 3]);
  expect([at(end, 12), at(end, 16)]).toEqual([first.length + second.length, localHeader(files[0]!, 0).length + 3 + localHeader(files[1]!, 0).length + 5]);
});
