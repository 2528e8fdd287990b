/** The part of regular expressions that a form may use, as domain/forms/patterns.py has it: no groups, the whole text must fit. */

const MAX_PATTERN = 100;
const MAX_UNBOUNDED = 2;
const ATOM = /(\[\^?(?:\\[dw\\\][.^-]|[^\\[\]])+\]|\\[dw.*+?()[\]{}|^$/\\-]|\.|[^\\[\](){}*+?|^$.])([*+?]|\{\d{1,3}(?:,\d{0,3})?\})?/uy;
const known = new Map<string, RegExp | null>();

/** Does the whole text fit? What is no pattern fits nothing: the server has refused it long ago. */
export function fits(pattern: string, text: string): boolean {
  return compiled(pattern)?.test(text) ?? false;
}

export function isPattern(pattern: string): boolean {
  return compiled(pattern) !== null;
}

function compiled(pattern: string): RegExp | null {
  if (!known.has(pattern)) known.set(pattern, compile(pattern));
  return known.get(pattern) ?? null;
}

function compile(pattern: string): RegExp | null {
  if (Array.from(pattern).length > MAX_PATTERN) return null;
  const parts = pattern.split("|").map(alternative);
  if (parts.some((part) => part === null)) return null;
  try {
    return new RegExp(`^(?:${parts.join("|")})$`, "u");
  } catch {
    return null;
  }
}

/** Written anew, atom by atom; null where it holds more than is allowed. */
function alternative(text: string): string | null {
  const inner = text.replace(/^\^/, "").replace(/\$$/, "");
  let unbounded = 0;
  let said = "";
  ATOM.lastIndex = 0;
  while (ATOM.lastIndex < inner.length) {
    const atom = ATOM.exec(inner);
    if (!atom) return null;
    const [, one, often = ""] = atom;
    if (/[*+]|,\}$/.test(often)) unbounded += 1;
    // With the flag `u` a hyphen is escaped in a class only.
    said += one === "\\-" ? "-" : one;
    said += often;
  }
  return unbounded > MAX_UNBOUNDED ? null : said;
}
