/** Where a record is read, by its type. */

const PAGES: Record<string, string> = { case: "/case/", visit: "/visit/", care_agreement: "/care/", notice: "/notices/", round: "/round/", shift: "/duty/", task: "/door/", survey_response: "/door/" };
const LISTS: Record<string, string> = { feedback: "/feedback", campaign: "/" };

export function pageOf(type: string, record: string): string {
  return PAGES[type] ? `${PAGES[type]}${record}` : (LISTS[type] ?? "/me/entries");
}
