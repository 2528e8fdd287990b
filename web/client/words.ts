/** The words on the screens, by key and language. Chinese is always at hand, English is fetched when chosen. */

import { common, phone, reasons, roles, signin } from "@catalogue/zh-CN.json";
import { shallowRef } from "vue";

const chinese = { common, phone, reasons, roles, signin };
export type Words = typeof chinese;
export type Language = "zh-CN" | "en";

type Leaves<T, Prefix extends string = ""> = {
  [K in keyof T & string]: T[K] extends string ? `${Prefix}${K}` : Leaves<T[K], `${Prefix}${K}.`>;
}[keyof T & string];
export type Key = Leaves<Words>;

const words = shallowRef<Words>(chinese);
export const language = shallowRef<Language>("zh-CN");

export async function speak(wanted: Language): Promise<void> {
  words.value = wanted === "en" ? ((await import("./words.en")) as unknown as Words) : chinese;
  language.value = wanted;
  document.documentElement.lang = wanted;
  document.title = t("common.product");
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill(look(key) ?? key, values);
}

/** For codes that the server may know before this version does: the words, or those of `otherwise`. */
export function coded(section: string, code: string, otherwise: Key): string {
  return look(`${section}.${code}`) ?? t(otherwise);
}

function look(key: string): string | null {
  let found: unknown = words.value;
  for (const part of key.split(".")) found = (found as Record<string, unknown> | undefined)?.[part];
  return typeof found === "string" ? found : null;
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
