/**
 * What a form says of its questions in the words of XLSForm: `${gas} = 'yes' and . > 3`. The twin of domain/forms: both are held to
 * tests/vectors/expressions.json. Pure; nothing but the answers given, the answer at hand and the day is ever looked at.
 */

import { fits, isPattern } from "./patterns";
import type { Json } from "./wire";

export interface Scene {
  /** question -> the answer as it is kept: a text. */
  answers: { [question: string]: Json };
  /** The answer that `.` means. */
  self?: Json;
  /** YYYY-MM-DD */
  today: string;
}

/** The text is no expression. */
export class BadExpression extends Error {}

type Value = string | number | boolean;
type Node = (scene: Scene) => Value;
const MAX_EXPRESSION = 500;
const MAX_DEPTH = 30;
type Token = { kind: "number" | "text" | "answer" | "name" | "sign" | "self"; text: string };

const TOKENS = /\s+|(\d+(?:\.\d+)?)|'([^']*)'|"([^"]*)"|\$\{([A-Za-z_][\w-]*)\}|([A-Za-z_][\w-]*)|(!=|<=|>=|[=<>+\-*(),])|(\.)/y;
const known = new Map<string, Node>();

/** What the expression comes to: a text, a number, or yes and no. */
export function evaluate(text: string, scene: Scene): Value {
  let node = known.get(text);
  if (!node) known.set(text, (node = parse(text)));
  return node(scene);
}

/** Is it true? An empty expression is. */
export function holds(text: string | null | undefined, scene: Scene): boolean {
  return !text?.trim() || truth(evaluate(text, scene));
}

function tokensOf(text: string): Token[] {
  const found: Token[] = [];
  TOKENS.lastIndex = 0;
  while (TOKENS.lastIndex < text.length) {
    const hit = TOKENS.exec(text);
    if (!hit) throw new BadExpression(text);
    const [, number, single, double, answer, name, sign, self] = hit;
    if (number !== undefined) found.push({ kind: "number", text: number });
    else if (single !== undefined || double !== undefined) found.push({ kind: "text", text: single ?? double! });
    else if (answer !== undefined) found.push({ kind: "answer", text: answer });
    else if (name !== undefined) found.push({ kind: "name", text: name });
    else if (sign !== undefined) found.push({ kind: "sign", text: sign });
    else if (self !== undefined) found.push({ kind: "self", text: self });
  }
  return found;
}

function parse(text: string): Node {
  if (Array.from(text).length > MAX_EXPRESSION) throw new BadExpression(text.slice(0, 40));
  const parser = new Parser(tokensOf(text), text);
  return parser.whole();
}

/** Loosest first: or, and, comparing, adding, multiplying, minus, one thing. */
class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: Token[], private readonly text: string) {}

  whole(): Node {
    const node = this.either();
    if (this.at < this.tokens.length) throw new BadExpression(this.text);
    return node;
  }

  private take(kind: Token["kind"], ...texts: string[]): string | null {
    const token = this.tokens[this.at];
    if (token?.kind !== kind || (texts.length > 0 && !texts.includes(token.text))) return null;
    this.at += 1;
    return token.text;
  }

  private must(sign: string): void {
    if (this.take("sign", sign) === null) throw new BadExpression(this.text);
  }

  private either(): Node {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new BadExpression(this.text);
    let left = this.both();
    while (this.take("name", "or")) {
      const [one, other] = [left, this.both()];
      left = (scene) => truth(one(scene)) || truth(other(scene));
    }
    this.depth -= 1;
    return left;
  }

  private both(): Node {
    let left = this.compared();
    while (this.take("name", "and")) {
      const [one, other] = [left, this.compared()];
      left = (scene) => truth(one(scene)) && truth(other(scene));
    }
    return left;
  }

  private compared(): Node {
    let left = this.added();
    for (let sign = this.take("sign", "=", "!=", "<", "<=", ">", ">="); sign; sign = this.take("sign", "=", "!=", "<", "<=", ">", ">=")) {
      const [one, other, how] = [left, this.added(), sign];
      left = (scene) => compare(one(scene), how, other(scene));
    }
    return left;
  }

  private added(): Node {
    let left = this.multiplied();
    for (let sign = this.take("sign", "+", "-"); sign; sign = this.take("sign", "+", "-")) {
      const [one, other, turn] = [left, this.multiplied(), sign === "-" ? -1 : 1];
      left = (scene) => number(one(scene)) + turn * number(other(scene));
    }
    return left;
  }

  private multiplied(): Node {
    let left = this.minus();
    for (let sign = this.times(); sign; sign = this.times()) {
      const [one, other, how] = [left, this.minus(), sign];
      left = (scene) => multiply(number(one(scene)), how, number(other(scene)));
    }
    return left;
  }

  private times(): string | null {
    return this.take("sign", "*") ?? this.take("name", "div", "mod");
  }

  private minus(): Node {
    let turns = 0;
    while (this.take("sign", "-") !== null) turns += 1;
    const inner = this.thing();
    return turns === 0 ? inner : (scene) => number(inner(scene)) * (turns % 2 ? -1 : 1);
  }

  private thing(): Node {
    if (this.take("sign", "(")) {
      const inner = this.either();
      this.must(")");
      return inner;
    }
    const figure = this.take("number");
    if (figure !== null) return () => Number(figure);
    const said = this.take("text");
    if (said !== null) return () => said;
    const answer = this.take("answer");
    if (answer !== null) return (scene) => valueOf(scene.answers[answer]);
    if (this.take("self") !== null) return (scene) => valueOf(scene.self);
    const name = this.take("name");
    if (name === null) throw new BadExpression(this.text);
    return this.call(name);
  }

  private call(name: string): Node {
    const [wanted, work] = FUNCTIONS.get(name) ?? [];
    if (wanted === undefined || !work) throw new BadExpression(this.text);
    this.must("(");
    const given: Node[] = [];
    const start = this.at;
    if (!this.take("sign", ")")) {
      do given.push(this.either());
      while (this.take("sign", ","));
      this.must(")");
    }
    if (given.length !== wanted || (name === "regex" && !this.isPatternBefore(start))) throw new BadExpression(this.text);
    return (scene) => work(scene, given);
  }

  /** A pattern is written out as one text, so that it can be read before anybody is asked. */
  private isPatternBefore(start: number): boolean {
    const [comma, pattern] = [this.tokens[this.at - 3], this.tokens[this.at - 2]];
    return this.at - 3 > start && comma?.kind === "sign" && comma.text === "," && pattern?.kind === "text" && isPattern(pattern.text);
  }
}

/** name -> how many arguments, what it does with them. */
const FUNCTIONS = new Map<string, [number, (scene: Scene, given: Node[]) => Value]>([
  ["not", [1, (scene, [one]) => !truth(one!(scene))]],
  ["true", [0, () => true]],
  ["false", [0, () => false]],
  ["selected", [2, (scene, [one, other]) => wordsOf(one!(scene)).includes(String(other!(scene)))]],
  ["count-selected", [1, (scene, [one]) => wordsOf(one!(scene)).length]],
  ["string-length", [1, (scene, [one]) => Array.from(String(one!(scene))).length]],
  ["regex", [2, (scene, [one, other]) => fits(String(other!(scene)), String(one!(scene)))]],
  ["if", [3, (scene, [one, yes, no]) => (truth(one!(scene)) ? yes! : no!)(scene)]],
  ["coalesce", [2, (scene, [one, other]) => (String(one!(scene)) === "" ? other! : one!)(scene)]],
  ["int", [1, (scene, [one]) => Math.trunc(number(one!(scene)))]],
  ["number", [1, (scene, [one]) => number(one!(scene))]],
  ["string", [1, (scene, [one]) => String(one!(scene))]],
  ["today", [0, (scene) => scene.today]],
]);

const NUMBER = /^\s*-?[0-9]+(?:\.[0-9]+)?\s*$/;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/** An answer that is not given is the empty text. */
function valueOf(answer: Json | undefined): Value {
  return typeof answer === "string" ? answer : "";
}

/** Every text but the empty one is true, and every number but 0 and NaN. */
function truth(value: Value): boolean {
  return Boolean(value);
}

/** NaN where it is none. */
function number(value: Value): number {
  return typeof value === "string" && !NUMBER.test(value) ? Number.NaN : Number(value);
}

/** The choices in an answer to a question with several. */
function wordsOf(value: Value): string[] {
  return String(value).split(" ").filter(Boolean);
}

function multiply(one: number, how: string, other: number): number {
  return how === "*" ? one * other : how === "div" ? one / other : one % other;
}

function compare(one: Value, how: string, other: Value): boolean {
  if (how === "=" || how === "!=") return same(one, other) === (how === "=");
  const dates = [one, other].every((each) => typeof each === "string" && DATE.test(each));
  const [a, b] = [one, other].map((each) => (dates ? Number(String(each).replaceAll("-", "")) : number(each))) as [number, number];
  return how === "<" ? a < b : how === "<=" ? a <= b : how === ">" ? a > b : a >= b;
}

function same(one: Value, other: Value): boolean {
  if (typeof one === "boolean" || typeof other === "boolean") return truth(one) === truth(other);
  if (typeof one === "number" || typeof other === "number") return number(one) === number(other);
  return one === other;
}
