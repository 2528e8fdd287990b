import { expect, test } from "vitest";

import vectors from "../../../tests/vectors/expressions.json";
import { BadExpression, evaluate, holds, type Scene } from "./expressions";
import type { Json } from "./wire";

interface Vector {
  expression: string;
  value?: Json;
  error?: string;
  self?: Json;
}

const scene = (self?: Json): Scene => ({ answers: vectors.answers, today: vectors.today, self: self ?? null });

test.each((vectors.vectors as Vector[]).map((each) => [each.expression.slice(0, 60), each]))("%s comes to the same on the phone and on the server", (_, each) => {
  const { expression, value, error, self } = each as Vector;
  if (error) expect(() => evaluate(expression, scene(self))).toThrow(BadExpression);
  else expect(evaluate(expression, scene(self))).toStrictEqual(value);
});

test.each(vectors.holds.map((each) => [each.expression, each.holds]))("%s is true or not, here as there", (expression, expected) => {
  expect(holds(expression as string | null, scene())).toBe(expected);
});
