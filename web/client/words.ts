/**
 * The words on the screens, by key and language. One file of web/catalogue/ is one language: Chinese is always at hand, every other is a
 * piece of its own that is fetched when chosen (and kept by the service worker); what it has no words for is said in Chinese.
 */

import { common, phone, reasons, roles, signin } from "@catalogue/zh-CN.json";
import { shallowRef } from "vue";

const chinese = { common, phone, reasons, roles, signin };
export type Words = typeof chinese;
/** The tag of a language: the name of its file. */
export type Language = string;
type Loaders = { [path: string]: () => Promise<unknown> };

export const CHINESE: Language = "zh-CN";
const LOADERS: Loaders = import.meta.glob(["../catalogue/*.json", "!../catalogue/zh-CN.json"]);
const tagOf = (path: string): Language => path.split("/").at(-1)!.replace(".json", "");

/** Every language that there are words in, Chinese first. */
export const languagesOf = (loaders: Loaders): Language[] => [CHINESE, ...Object.keys(loaders).map(tagOf).sort()];
export const LANGUAGES: readonly Language[] = languagesOf(LOADERS);

/** A language is named in itself. */
export function nameOfLanguage(tag: Language): string {
  const main = tag.split("-")[0]!;
  return new Intl.DisplayNames([tag], { type: "language" }).of(main) ?? tag;
}

type Leaves<T, Prefix extends string = ""> = {
  [K in keyof T & string]: T[K] extends string ? `${Prefix}${K}` : Leaves<T[K], `${Prefix}${K}.`>;
}[keyof T & string];
export type Key = Leaves<Words>;

const words = shallowRef<Words>(chinese);
export const language = shallowRef<Language>(CHINESE);

/** False where there is no such language, or its words could not be fetched: everything stays as it was said before. */
export async function speak(wanted: Language, loaders: Loaders = LOADERS): Promise<boolean> {
  const load = Object.entries(loaders).find(([path]) => tagOf(path) === wanted)?.[1];
  if (!load && wanted !== CHINESE) return false;
  try {
    words.value = load ? partsOf(await load()) : chinese;
  } catch {
    return false;
  }
  language.value = wanted;
  document.documentElement.lang = wanted;
  document.title = t("common.product");
  return true;
}

const partsOf = (found: unknown): Words => ((found as { default?: Words }).default ?? found) as Words;

/** A text may be written `{"one": …, "other": …}`; then `n` chooses. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill(look(key, values.n) ?? key, values);
}

/** For codes that the server may know before this version does: the words, or those of `otherwise`. */
export function coded(section: string, code: string, otherwise: Key): string {
  return look(`${section}.${code}`) ?? t(otherwise);
}

const look = (key: string, n?: string | number): string | null => lookIn(words.value, key, n) ?? lookIn(chinese, key, n);

function lookIn(all: Words, key: string, n?: string | number): string | null {
  let found: unknown = all;
  for (const part of key.split(".")) found = (found as Record<string, unknown> | undefined)?.[part];
  if (typeof found === "object") found = (found as Record<string, unknown>)[n === 1 ? "one" : "other"];
  return typeof found === "string" ? found : null;
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
