import { expect, test } from "vitest";

import { freshDatabase, ME, phoneWith, problem } from "../testing/fakes";
import { oweLanguage, tellLanguage } from "./session";

const session = (language: string) => ({ account: { id: ME, name: "x", language, roles: [] }, device: "d", books: [] });

test("a language that was chosen is told once, and told anew where another was chosen meanwhile", async () => {
  const db = freshDatabase();
  const asked: string[] = [];
  const phone = phoneWith(db, (call) => {
    asked.push((call as unknown as { language: string }).language);
    return Response.json(session(asked.at(-1)!));
  });
  expect(await tellLanguage(phone)).toBeNull();
  await oweLanguage(db, "en");
  expect((await tellLanguage(phone))?.account.language).toBe("en");
  expect(await tellLanguage(phone)).toBeNull();
  await oweLanguage(db, "zh-CN");
  await tellLanguage(phone);
  expect(asked).toStrictEqual(["en", "zh-CN"]);
});

test("without a line it waits, and a server that has no such words is not asked again", async () => {
  const db = freshDatabase();
  const answers = [problem(503, "busy"), new Response("a page of a hotel", { status: 200 }), problem(422, "invalid")];
  const phone = phoneWith(db, (_, nth) => answers[nth - 1] ?? Response.json(session("en")));
  await oweLanguage(db, "en");
  for (const kept of ["en", "en", ""]) {
    expect(await tellLanguage(phone)).toBeNull();
    expect(await db.get("language_owed")).toBe(kept);
  }
});
