/** Numbers of identity cards do not come along: the twin of domain/identity_numbers.py. Pure. */

import type { Json } from "./wire";

/** As typed by any keyboard: Chinese ones have wide digits, too. */
const RUN = /(?<![0-9\uff10-\uff19])[0-9\uff10-\uff19]{17}[0-9\uff10-\uff19Xx\uff38\uff58](?![0-9\uff10-\uff19])/g;
/** A place, then a day of birth. */
const BORN = /^[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/;
const SHA256 = /^[0-9a-f]{64}$/;
const LEFT_OUT = "×××";

const narrow = (run: string): string => run.replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));

/** Do eighteen digits stand in it? Enough to ask again for the answer to a question. */
export const mayHoldOne = (words: string): boolean => words.search(RUN) >= 0;

/** The same words with ××× in the place of such a number. */
export function leftOut(words: string): string {
  return words.length < 18 || SHA256.test(words) ? words : words.replace(RUN, (run) => (BORN.test(narrow(run)) ? LEFT_OUT : run));
}

export const holdsOne = (words: string): boolean => leftOut(words) !== words;

/** In every text inside a value. */
export function withoutNumbers<T extends Json | undefined>(value: T): T {
  if (typeof value === "string") return leftOut(value) as T;
  if (Array.isArray(value)) return value.map((entry) => withoutNumbers(entry)) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withoutNumbers(entry)])) as T;
}

/** Does anything in these values hold one? */
export function anyHolds(value: Json | undefined): boolean {
  if (typeof value === "string") return holdsOne(value);
  return value !== null && typeof value === "object" && Object.values(value).some(anyHolds);
}
