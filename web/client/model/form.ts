/** A form that is asked at a door, and answers as they are kept: the twin of domain/forms/form.py and answers.py. Pure. */

import { holds } from "./expressions";
import type { Labels } from "./declared";
import { mayHoldOne } from "./identity";
import type { Fields, Json } from "./wire";

export interface FormChoice {
  name: string;
  label: Labels;
}

export interface Question {
  type: string;
  name: string;
  label: Labels;
  required: boolean;
  relevant: string;
  constraint: string;
  choices: FormChoice[];
}

export interface Form {
  questions: Question[];
}

/** question -> the answer as it is kept: a text, "" or nothing for none. */
export type Answers = { [question: string]: string };
export type Wrong = "unknown" | "not_relevant" | "required" | "type" | "constraint";

const MAX_TEXT = 1000;

/** What is missing in it counts as empty: the server has checked it long ago. */
export function formOf(raw: Json | undefined): Form {
  const { questions = [], choices = {} } = (raw ?? {}) as { questions?: Fields[]; choices?: { [list: string]: Fields[] } };
  return { questions: questions.map((each) => questionOf(each, choices)) };
}

function questionOf(raw: Fields, lists: { [list: string]: Fields[] }): Question {
  const type = String(raw.type ?? "");
  const listed = type.startsWith("select_") ? (lists[String(raw.list ?? "")] ?? []) : [];
  return {
    type, name: String(raw.name ?? ""), label: (raw.label ?? {}) as Labels, required: raw.required === true,
    relevant: String(raw.relevant ?? ""), constraint: String(raw.constraint ?? ""),
    choices: listed.map((each) => ({ name: String(each.name ?? ""), label: (each.label ?? {}) as Labels })),
  };
}

/** The questions in their order that are asked of somebody with these answers. What is not asked counts as not answered. */
export function asked(form: Form, answers: Answers, today: string): Question[] {
  const given: Answers = {};
  return form.questions.filter((question) => {
    if (!holds(question.relevant, { answers: given, today })) return false;
    if (question.type !== "note") given[question.name] = answers[question.name] ?? "";
    return true;
  });
}

/** The answer in the form in which it is kept; "" for none; null where it is no answer to this question. */
export function canonicalAnswer(question: Question, said: string): string | null {
  const text = said.trim();
  if (!text) return "";
  if (question.type === "select_one") return question.choices.some((each) => each.name === text) ? text : null;
  if (question.type === "select_multiple") return several(question, text);
  if (question.type === "integer") return figure(/^(-?)0*(\d{1,15})$/.exec(text));
  if (question.type === "decimal") return figure(/^(-?)0*(\d{1,15})(?:\.(\d{1,6}))?$/.exec(text));
  if (question.type === "date") return isDate(text) ? text : null;
  return question.type === "text" && Array.from(text).length <= MAX_TEXT ? text : null;
}

function several(question: Question, text: string): string | null {
  const words = text.split(/\s+/);
  const known = question.choices.map((each) => each.name);
  return words.every((word) => known.includes(word)) ? known.filter((name) => words.includes(name)).join(" ") : null;
}

function figure(hit: RegExpExecArray | null): string | null {
  if (!hit) return null;
  const rest = (hit[3] ?? "").replace(/0+$/, "");
  const text = hit[2]! + (rest ? `.${rest}` : "");
  return text === "0" ? text : hit[1]! + text;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith("0000")) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** question -> what is wrong with its answer. `today`: the day on which it was answered. */
export function problems(form: Form, answers: Answers, today: string): { [question: string]: Wrong } {
  const found: { [question: string]: Wrong } = {};
  const all = form.questions.filter((each) => each.type !== "note");
  for (const name of Object.keys(answers)) if (!all.some((each) => each.name === name)) found[name] = "unknown";
  const given: Answers = {};
  for (const question of all) {
    const said = answers[question.name] ?? "";
    if (!holds(question.relevant, { answers: given, today })) {
      if (said) found[question.name] = "not_relevant";
      continue;
    }
    const wrong = wrongWith(question, said, given, today);
    if (wrong) found[question.name] = wrong;
    given[question.name] = said;
  }
  return found;
}

function wrongWith(question: Question, said: string, given: Answers, today: string): Wrong | null {
  if (!said) return question.required ? "required" : null;
  if (canonicalAnswer(question, said) !== said) return "type";
  return holds(question.constraint, { answers: { ...given, [question.name]: said }, today, self: said }) ? null : "constraint";
}

export type Trouble = "required" | "constraint" | "integer" | "decimal" | "date" | "choice" | "id_number" | "too_long";

/** What is wrong with what was just said to one question; the answer as it is kept where nothing is. */
export function hear(form: Form, question: Question, said: string, answers: Answers, today: string): { kept: string } | { trouble: Trouble } {
  if (mayHoldOne(said)) return { trouble: "id_number" };
  const kept = canonicalAnswer(question, said);
  if (kept === null) return { trouble: NOT_SO[question.type] ?? "choice" };
  const wrong = problems(form, { ...only(form, answers, today), [question.name]: kept }, today)[question.name];
  return wrong === "required" || wrong === "constraint" ? { trouble: wrong } : { kept };
}

const NOT_SO: { [type: string]: Trouble } = { integer: "integer", decimal: "decimal", date: "date", text: "too_long" };

/** Answers to what is asked, and to nothing else: what was said before another answer took its question away is dropped. */
export function only(form: Form, answers: Answers, today: string): Answers {
  const names = asked(form, answers, today).filter((each) => each.type !== "note").map((each) => each.name);
  return Object.fromEntries(names.flatMap((name) => (answers[name] ? [[name, answers[name]]] : [])));
}
