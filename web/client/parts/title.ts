/** What a case is called in a list: its category, else the first words of what was said of it. */

import { descriptionOf } from "../model/case";
import { choiceLabel } from "../model/declared";
import type { View } from "../model/overlay";
import { language, t } from "../words";

const MOST = 14;

export function titleOf(view: View): string {
  if (view.fields.category) return choiceLabel("case", "category", view.fields.category, language.value);
  const words = descriptionOf(view).split("\n")[0] ?? "";
  if (!words) return t("phone.case.untitled");
  return words.length > MOST ? `${words.slice(0, MOST)}…` : words;
}
