import { expect, test } from "vitest";

import vectors from "../../../tests/vectors/answers.json";
import { asked, canonicalAnswer, formOf, hear, only, problems, type Answers } from "./form";
import type { Json } from "./wire";

const form = formOf(vectors.form as unknown as Json);
const { today } = vectors;

test.each(vectors.canonical.map((each) => [`${each.question}: ${each.said.slice(0, 20)}`, each]))("%s is kept as on the server", (_, each) => {
  const { question, said, kept } = each as { question: string; said: string; kept: string | null };
  expect(canonicalAnswer(form.questions.find((one) => one.name === question)!, said)).toBe(kept);
});

test.each(vectors.problems.map((each) => [JSON.stringify(each.answers), each]))("of %s the same is wrong as on the server", (_, each) => {
  const { answers, problems: expected } = each as unknown as { answers: Answers; problems: { [question: string]: string } };
  expect(problems(form, answers, today)).toEqual(expected);
});

test("a question is asked once its sentence is true, and what was said to one that is not asked any more is dropped", () => {
  const names = (answers: Answers): string[] => asked(form, answers, today).map((each) => each.name);
  expect(names({})).toEqual(["hello", "gas", "lamps", "width"]);
  expect(names({ gas: "yes", wants: "other", lamps: "2" })).toEqual(["hello", "gas", "wants", "lamps", "width", "since", "say"]);
  expect(only(form, { gas: "no", wants: "other", say: "灯不亮", lamps: "0" }, today)).toEqual({ gas: "no", lamps: "0" });
});

test("what is wrong is said as something to do", () => {
  const of = (name: string, said: string, answers: Answers = {}): object => hear(form, form.questions.find((one) => one.name === name)!, said, answers, today);
  expect(of("gas", "")).toEqual({ trouble: "required" });
  expect(of("gas", "yes")).toEqual({ kept: "yes" });
  expect(of("wants", "lift pipes other", { gas: "yes" })).toEqual({ trouble: "constraint" });
  expect(of("lamps", "3.5")).toEqual({ trouble: "integer" });
  expect(of("lamps", "21")).toEqual({ trouble: "constraint" });
  expect(of("lamps", "007")).toEqual({ kept: "7" });
  expect(of("width", "x")).toEqual({ trouble: "decimal" });
  expect(of("say", "12345678901234567X", { gas: "yes", wants: "other" })).toEqual({ trouble: "id_number" });
});
