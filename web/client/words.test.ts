import { readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { LANGUAGES, language, languagesOf, nameOfLanguage, speak, t } from "./words";

const MADE_UP = { "../catalogue/tlh.json": () => Promise.resolve({ default: { common: { product: "yItuH" }, phone: { back: "chegh" } } }) };
beforeAll(() => void vi.stubGlobal("document", { documentElement: {} }));
afterAll(() => void vi.unstubAllGlobals());
afterEach(() => speak("zh-CN"));

test("one file is one language: nothing else names it", () => {
  const files = readdirSync(new URL("../catalogue", import.meta.url)).map((name) => name.replace(".json", ""));
  expect([...LANGUAGES].sort()).toEqual(files.sort());
  expect(languagesOf({ ...MADE_UP, "../catalogue/en.json": () => Promise.resolve({}) })).toEqual(["zh-CN", "en", "tlh"]);
});

test("a third language is spoken from its file, and what it has no words for is said in Chinese", async () => {
  expect(await speak("tlh", MADE_UP)).toBe(true);
  expect([t("phone.back"), t("phone.undo"), language.value]).toEqual(["chegh", "撤销", "tlh"]);
});

test("a language whose words cannot be fetched, or that is gone, leaves everything as it was said", async () => {
  await speak("en");
  const broken = { "../catalogue/tlh.json": () => Promise.reject(new TypeError("no line")) };
  expect(await speak("tlh", broken)).toBe(false);
  expect(await speak("xx")).toBe(false);
  expect([t("phone.back"), language.value]).toEqual(["Back", "en"]);
});

test("one thing may be said in other words than several", async () => {
  await speak("en");
  expect([0, 1, 3].map((n) => t("phone.time.days", { n }))).toEqual(["0 days", "1 day", "3 days"]);
  await speak("zh-CN");
  expect(t("phone.time.days", { n: 1 })).toBe("1天");
});

test("a language is named in itself", () => {
  expect(["zh-CN", "en", "ug"].map(nameOfLanguage)).toEqual(["中文", "English", "ئۇيغۇرچە"]);
});
