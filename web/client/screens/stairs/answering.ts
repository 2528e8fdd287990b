/** A form that is being answered at a door: each answer is on disk before the next question is asked. */

import { computed, shallowRef, type ComputedRef, type ShallowRef } from "vue";

import { db, me, nowText } from "../../app";
import { asked, hear, only, type Answers, type Form, type Question, type Trouble } from "../../model/form";
import { standings } from "../../model/told";
import { isSettled, outcomeOf, responseId, standOf } from "../../model/task";
import type { View } from "../../model/overlay";
import type { Fields, Json } from "../../model/wire";
import { editOf, keep, newKey } from "../../parts/keep";
import { NotSaved } from "../../store/database";
import { one, type OneView } from "../../store/reads";
import { getSheet, putSheet, type Sheet } from "../../store/sheets";
import { published } from "./forms";

export type ConsentKind = "spoken" | "signed" | "phone";

export interface Asking {
  task: OneView;
  campaign: View;
  response: OneView | null;
  form: Form;
  version: number;
}

export interface Answering {
  about: ShallowRef<Asking | null>;
  sheet: ShallowRef<Sheet | null>;
  answers: ComputedRef<Answers>;
  /** What is asked of somebody with these answers, in order. */
  questions: ComputedRef<Question[]>;
  /** False where the browser would not write: what is on the screen must stay there. */
  kept: ShallowRef<boolean>;
  /** null once there is nothing more to ask. */
  after(question: Question): string | null;
  answer(question: Question, said: string): Promise<Trouble | null>;
  goTo(question: string | null): Promise<void>;
  /** False where it could not be kept: why is said. Taken back, the half-answered questions are there again. */
  finish(consent: ConsentKind, said: string): Promise<boolean>;
}

export const localDay = (at: number = Date.now()): string => {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
};

/** What the form asks of this door; the answers that stand already are where one goes on from. Null if it is not here. */
async function askingFor(id: string): Promise<Asking | null> {
  const task = await one(db(), id, me());
  const campaign = task && (await one(db(), String(task.view.fields.campaign_id), me()))?.view;
  const frozen = campaign && published(campaign);
  if (!task || !campaign || !frozen) return null;
  const response = await one(db(), await responseId(campaign.id, String(task.view.fields.place_id)), me());
  return { task, campaign, response, ...frozen };
}

async function sheetFor(about: Asking): Promise<Sheet> {
  const id = await responseId(about.campaign.id, String(about.task.view.fields.place_id));
  const begun = await getSheet(db(), id);
  if (begun) return begun;
  const answers = about.response ? ownAnswers(about.response.view) : {};
  const first = asked(about.form, answers as Answers, localDay())[0]?.name ?? null;
  return { id, task: about.task.view.id, answers, at: first, changed_at: Date.now() };
}

export function useAnswering(): Answering & { load(task: string): Promise<void> } {
  const about = shallowRef<Asking | null>(null);
  const sheet = shallowRef<Sheet | null>(null);
  const kept = shallowRef(true);
  const answers = computed(() => (sheet.value?.answers ?? {}) as Answers);
  const questions = computed(() => (about.value ? asked(about.value.form, answers.value, localDay()) : []));

  async function load(task: string): Promise<void> {
    about.value = await askingFor(task);
    sheet.value = about.value && (await sheetFor(about.value));
  }

  /** On the screen at once; whether it is on disk too is said. */
  async function change(patch: Partial<Sheet>): Promise<void> {
    sheet.value = { ...sheet.value!, ...patch, changed_at: Date.now() };
    try {
      await putSheet(db(), JSON.parse(JSON.stringify(sheet.value)) as Sheet);
      kept.value = true;
    } catch (error) {
      if (!(error instanceof NotSaved)) throw error;
      kept.value = false;
    }
  }

  function after(question: Question): string | null {
    const at = questions.value.findIndex((each) => each.name === question.name);
    return questions.value[at + 1]?.name ?? null;
  }

  async function answer(question: Question, said: string): Promise<Trouble | null> {
    const heard = hear(about.value!.form, question, said, answers.value, localDay());
    if ("trouble" in heard) return heard.trouble;
    const next: Answers = { ...answers.value, [question.name]: heard.kept };
    const list = asked(about.value!.form, next, localDay());
    const at = list.findIndex((each) => each.name === question.name);
    await change({ answers: next, at: list[at + 1]?.name ?? null });
    return null;
  }

  const goTo = (question: string | null): Promise<void> => change({ at: question });

  async function finish(consent: ConsentKind, words: string): Promise<boolean> {
    const { form, task, campaign, response, version } = about.value!;
    const given = only(form, answers.value, localDay());
    const said = response ? written(given, ownAnswers(response.view)) : given;
    const at = nowText();
    const whole = JSON.parse(JSON.stringify(sheet.value)) as Sheet;
    const edits = [responseEdit(about.value!, sheet.value!, said, consentOf(campaign, response, consent, version, at), at)];
    const set = isSettled(standOf(task.view).status) ? null : outcomeOf(task.view, "done", { account: me(), at, id: newKey() });
    return (await keep(set ? [...edits, editOf(task, set)] : edits, words, { sheet: whole })) !== null;
  }

  return { about, sheet, answers, questions, kept, load, after, answer, goTo, finish };
}

/** What stands, and where it differs what oneself has heard. */
function ownAnswers(response: View): Answers {
  const heard = standings(response.conflicts).filter(({ field, key, standing }) => field === "answers" && key !== null && standing.by === me());
  return { ...((response.fields.answers ?? {}) as Answers), ...Object.fromEntries(heard.map(({ key, standing }) => [key!, String(standing.value)])) };
}

/** Of a corrected sheet only what is not as it stood; null takes an answer away. */
function written(given: Answers, stood: Answers): Fields {
  const names = new Set([...Object.keys(given), ...Object.keys(stood)]);
  return Object.fromEntries([...names].filter((name) => given[name] !== stood[name]).map((name) => [name, given[name] ?? null]));
}

/** A checklist asks things, not people; what was agreed to once need not be agreed to again. */
function consentOf(campaign: View, response: OneView | null, kind: ConsentKind, version: number, at: string): Json {
  const stands = response?.view.fields.consent as { withdrawn_at?: string | null } | undefined;
  if (campaign.fields.kind !== "survey" || (stands && !stands.withdrawn_at)) return null;
  return { kind, text_version: String(version), at };
}

const isWritten = ({ view }: OneView): boolean => view.fields.campaign_id !== undefined;

function responseEdit({ task, campaign, response, version }: Asking, sheet: Sheet, answers: Fields, consent: Json, at: string) {
  const set: Fields = { entered_by: { [me()]: { at } } };
  if (Object.keys(answers).length > 0) set.answers = answers;
  if (consent) set.consent = consent;
  const more = { sheet: sheet.id, mends: sheet.mends ?? [] };
  // What was erased comes as an empty record: whoever has seen that may begin again (S4).
  if (response && isWritten(response)) return editOf(response, set, more);
  const about = { campaign_id: campaign.id, place_id: String(task.view.fields.place_id), kind: String(campaign.fields.kind), form_version: version };
  const fresh = { ...task, view: { ...task.view, id: sheet.id, type: "survey_response" }, seen: response?.seen ?? 0, knew: response?.knew ?? null };
  return editOf(fresh, { ...about, ...set }, { ...more, create: true });
}
