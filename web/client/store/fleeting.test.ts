import { afterEach, expect, test, vi } from "vitest";

import { isFleeting } from "./fleeting";

const GB = 1 << 30;
afterEach(() => vi.unstubAllGlobals());

function browser(storage: object | undefined, heap?: number): void {
  vi.stubGlobal("navigator", { storage });
  vi.stubGlobal("performance", heap ? { memory: { jsHeapSizeLimit: heap } } : {});
}
const offers = (quota: number, persisted = false): object => ({ estimate: () => Promise.resolve({ quota, usage: 0 }), persisted: () => Promise.resolve(persisted) });
const fails = (name: string): object => ({ ...offers(10 * GB), getDirectory: () => Promise.reject(new DOMException("no", name)) });

test("a private window of Chromium offers less room than memory", async () => {
  browser(offers(0.6 * GB), GB);
  expect(await isFleeting()).toBe(true);
});

test("an ordinary window, one that was promised to be kept, and a browser that tells nothing give no alarm", async () => {
  browser(offers(9 * GB), 4 * GB);
  expect(await isFleeting()).toBe(false);
  browser(offers(0.6 * GB, true), GB);
  expect(await isFleeting()).toBe(false);
  browser(undefined);
  expect(await isFleeting()).toBe(false);
});

test("where the file system is refused the window is private, and a busy one is not", async () => {
  browser(fails("SecurityError"));
  expect(await isFleeting()).toBe(true);
  browser(fails("InvalidStateError"));
  expect(await isFleeting()).toBe(false);
  browser({ ...offers(10 * GB), getDirectory: () => Promise.resolve({}) });
  expect(await isFleeting()).toBe(false);
});
