/** What the record types declare (made from domain/ by `make types`), read by name. What is not named here is left out of the app (vite.config.ts). */

import declared from "./record-types.gen.json";
import type { Json } from "./wire";

export type Rule =
  | "fixed" | "latest" | "first" | "least" | "most" | "furthest"
  | "collect" | "keep_all" | "ask" | "owner" | "server";

export type Labels = { [language: string]: string };

export interface DeclaredField {
  rule: Rule;
  inner?: Rule;
  kind: string;
  keyed: boolean;
  /** `rank` orders the states of a step. */
  choices?: { value: string; labels: Labels; rank?: number }[];
  /** Lowest to highest; equals stand in a list of their own. Of `least` and `most`. */
  order?: Json[];
  ends?: string[];
  deciders?: string[] | null;
  labels: Labels;
}

export interface DeclaredStep {
  from: string | null;
  to: string;
  cycle: 0 | 1;
  roles: string[];
  requires: string[];
}

export interface DeclaredType {
  type: string;
  schema: number;
  labels: Labels;
  fields: { [name: string]: DeclaredField };
  steps: DeclaredStep[];
  /** So long after its end a record stays on a phone. */
  phone_days?: number;
}

export type Declarations = { [type: string]: DeclaredType };

export const TYPES: Declarations = Object.fromEntries(
  (declared as unknown as { types: DeclaredType[] }).types.map((each) => [each.type, each]),
);

export function fieldOf(type: string, name: string, types: Declarations = TYPES): DeclaredField | undefined {
  return types[type]?.fields[name];
}

export function isKeyed(field: DeclaredField): boolean {
  return field.keyed || field.rule === "collect";
}

/** The words for one choice of a field; the bare value where a newer server knows more than this version. */
export function choiceLabel(type: string, name: string, value: Json | undefined, language: string): string {
  const choice = fieldOf(type, name)?.choices?.find((each) => each.value === value);
  return choice?.labels[language] ?? choice?.labels["zh-CN"] ?? String(value ?? "");
}

/** Steps out of `status` that somebody with these roles may take. */
export function stepsFrom(type: string, status: string | null, roles: ReadonlySet<string>): DeclaredStep[] {
  const steps = TYPES[type]?.steps ?? [];
  return steps.filter((step) => step.from === status && step.roles.some((role) => roles.has(role)));
}
