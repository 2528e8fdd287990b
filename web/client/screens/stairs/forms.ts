/** The frozen form of a campaign. */

import type { Labels } from "../../model/declared";
import { formOf, type Form, type Question } from "../../model/form";
import type { View } from "../../model/overlay";
import type { Json } from "../../model/wire";
import { wholeDay } from "../../parts/moments";
import { language, t } from "../../words";

export interface Published {
  version: number;
  form: Form;
}

export function published(campaign: View): Published | null {
  const frozen = campaign.fields.published as { version?: number; form?: Json } | undefined;
  return frozen?.form ? { version: Number(frozen.version ?? 1), form: formOf(frozen.form) } : null;
}

/** Is anything asked at the door, or is one tap all there is to it? */
export function hasQuestions(campaign: View): boolean {
  return campaign.fields.kind !== "notify" && (published(campaign)?.form.questions.length ?? 0) > 0;
}

const worded = (labels: Labels | undefined, otherwise: string): string => labels?.[language.value] || labels?.["zh-CN"] || otherwise;

export function questionWords(campaign: View | null, name: string | null): string {
  return worded(questionOf(campaign, name)?.label, name ?? "");
}

/** What was answered, as the form words it. */
export function answerWords(campaign: View | null, name: string | null, value: Json | undefined): string {
  if (typeof value !== "string" || value === "") return t("phone.survey.unanswered");
  const question = questionOf(campaign, name);
  if (question?.type === "date") return wholeDay(value);
  const words = question?.type.startsWith("select_") ? value.split(" ") : [value];
  return words.map((word) => worded(question?.choices.find((each) => each.name === word)?.label, word)).join(" · ");
}

function questionOf(campaign: View | null, name: string | null): Question | undefined {
  return campaign ? published(campaign)?.form.questions.find((each) => each.name === name) : undefined;
}
