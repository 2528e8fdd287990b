// What is new: one small question every few seconds. The token of the answer is the heads of the reader's books;
// while they stand still the answer is an empty 304.

const EVERY = 2500;
const MOST = 30_000;

let pause = EVERY;
let arrived = 0;
const title = document.title;

/** Begin to ask, for whatever on this page wants to be kept fresh. */
export function follow() {
  setTimeout(tick, EVERY);
  addEventListener("focus", readAll);
  addEventListener("scroll", atTop, { passive: true });
  addEventListener("online", () => (pause = EVERY));
  document.addEventListener("click", (event) => {
    if (event.target.closest("#newer")) toTop();
    if (event.target.closest("[data-refresh]")) location.reload();
  });
}

async function tick() {
  const place = document.getElementById("results") ?? document.getElementById("case");
  if (place?.dataset.fresh && place.dataset.first !== "0") await ask(place);
  setTimeout(tick, pause);
}

async function ask(place) {
  const { fresh, token } = place.dataset;
  try {
    const answer = await fetch(withWaiting(fresh), { headers: { "If-None-Match": token, Accept: "application/json, text/html;q=0.9" }, cache: "no-store" });
    if (answer.status === 401) return lost(true);
    if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
    lost(false);
    if (answer.status === 304) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // The reader may have chosen another filter meanwhile: then this answer is of yesterday.
    if (!place.isConnected || place.dataset.fresh !== fresh) return;
    place.dataset.token = answer.headers.get("ETag") ?? token;
    if (place.id === "case") renewCase(place, page);
    else renewList(place, page);
  } catch {
    lost(true);
  }
}

/** The address, with the rows on this page whose picture had not come yet. */
function withWaiting(fresh) {
  const ids = [...document.querySelectorAll(".row[data-waiting]")].slice(0, 10).map((each) => each.id.replace("case-", ""));
  if (!ids.length) return fresh;
  return `${fresh}${fresh.includes("?") ? "&" : "?"}waiting=${ids.join(",")}`;
}

function lost(is) {
  pause = is ? Math.min(pause * 2, MOST) : EVERY;
  const pill = document.getElementById("pill");
  if (!pill || pill.classList.contains("is-lost") === is) return;
  pill.classList.toggle("is-lost", is);
  pill.textContent = is ? pill.dataset.lost : pill.dataset.ok;
}

// ---- the list

function renewList(place, page) {
  renewHeadline(page);
  const stream = document.getElementById("stream");
  const keep = anchor(stream);
  let count = 0;
  for (const row of page.querySelectorAll("#fresh-rows > .row")) count += put(stream, row) ? 1 : 0;
  for (const gone of page.querySelectorAll("[data-gone]")) document.getElementById(gone.dataset.gone)?.classList.add("is-gone");
  if (count) place.querySelector(".empty")?.remove();
  keep();
  tell(count);
}

function renewHeadline(page) {
  const headline = page.getElementById("headline");
  if (headline) document.getElementById("headline")?.replaceWith(headline);
  for (const each of page.querySelectorAll("[data-rail]")) {
    const count = document.getElementById(`rail-${each.dataset.rail}`);
    if (count) count.textContent = each.textContent;
  }
}

/** Put a row where it belongs; true if it is new here. */
function put(stream, row) {
  const old = document.getElementById(row.id);
  if (old) {
    const focused = old.contains(document.activeElement);
    old.replaceWith(row);
    if (focused) row.querySelector("a")?.focus({ preventScroll: true });
    return false;
  }
  // It has changed so that it no longer fits the filters: only worth a line where it is shown already.
  if (row.classList.contains("is-gone")) return false;
  const rows = [...stream.querySelectorAll(".row")];
  const after = rows.find((each) => each.dataset.order < row.dataset.order);
  // Older than everything shown: it belongs to a page that is not open yet.
  if (!after && document.getElementById("more")) return false;
  row.classList.add("is-new");
  stream.insertBefore(row, after ?? document.getElementById("more"));
  return true;
}

/** Remember what the reader looks at; the function it gives puts it back there. */
function anchor(stream) {
  if (scrollY < stream.offsetTop) return () => {};
  const row = [...stream.querySelectorAll(".row")].find((each) => each.getBoundingClientRect().bottom > 0);
  const id = row?.id;
  const before = row?.getBoundingClientRect().top ?? 0;
  return () => {
    const same = id && document.getElementById(id);
    if (same) scrollBy({ top: same.getBoundingClientRect().top - before, behavior: "instant" });
  };
}

function tell(count) {
  if (!count) return;
  const away = !document.hasFocus() || scrollY > document.getElementById("stream").offsetTop;
  if (!away) return;
  arrived += count;
  document.title = `(${arrived}) ${title}`;
  const newer = document.getElementById("newer");
  newer.textContent = newer.dataset.words.replace("{n}", String(arrived));
  newer.hidden = scrollY <= document.getElementById("stream").offsetTop;
}

function readAll() {
  if (document.getElementById("newer")?.hidden === false) return;
  arrived = 0;
  document.title = title;
}

/** Whoever has scrolled up has seen what was new. */
function atTop() {
  const newer = document.getElementById("newer");
  if (!newer || newer.hidden || scrollY > document.getElementById("stream").offsetTop) return;
  newer.hidden = true;
  readAll();
}

/** To the newest row, with the keyboard's focus. */
export function toTop() {
  document.getElementById("newer")?.setAttribute("hidden", "");
  readAll();
  scrollTo({ top: 0, behavior: "instant" });
  document.querySelector(".row-link")?.focus({ preventScroll: true });
}

// ---- one case

function renewCase(place, page) {
  const fresh = page.getElementById("case");
  if (!fresh) return;
  if (busy(place)) {
    // Somebody is writing here: the record is renewed, the forms stay as they are, with what they had seen.
    for (const id of ["case-record", "facts"]) document.getElementById(id)?.replaceWith(fresh.querySelector(`#${id}`));
    document.getElementById("stale").hidden = false;
    return;
  }
  const open = [...place.querySelectorAll("details[open]")].map((each) => each.id);
  fresh.dataset.token = place.dataset.token;
  const focus = pathOf(document.activeElement, place);
  place.replaceWith(fresh);
  if (focus) fresh.querySelector(focus)?.focus({ preventScroll: true });
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  window.htmx?.process(fresh);
}

/** Where the focus is, so that it can be found again in a fresh copy; null if it is elsewhere. */
function pathOf(element, place) {
  if (!element || element === place || !place.contains(element)) return null;
  if (element.id) return `#${element.id}`;
  const owner = element.closest("[id]");
  return owner ? `#${owner.id} ${element.tagName.toLowerCase()}` : null;
}

/** Is something being written on this page that a fresh copy would wipe out? */
function busy(place) {
  if (place.querySelector(".chosen > li, .htmx-request")) return true;
  return [...place.querySelectorAll("textarea, select, input")].some(changed);
}

function changed(field) {
  if (field.type === "hidden" || field.type === "file") return false;
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return ![...field.options].every((each) => each.selected === (each.defaultSelected || isFirst(field, each)));
  return field.value !== field.defaultValue || field === document.activeElement;
}

function isFirst(select, option) {
  return ![...select.options].some((each) => each.defaultSelected) && select.options[0] === option;
}
