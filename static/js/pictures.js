// Pictures chosen at the desk: made small and bare of metadata, named by their SHA-256 in the form, kept in this
// browser until the server has them (uploads.js).

import { drop, keep, noteNamed } from "./uploads.js";

const LONGEST = 1600;
const PREVIEW = 320;
const PREVIEW_BYTES = 20_000;

const account = document.body.dataset.account;

/** form -> Map(sha256 -> {entry, full, preview}) */
const chosen = new WeakMap();

export function listenToPictures() {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose]")) choose(event.target);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-unchoose]");
    if (button) unchoose(button);
  });
}

async function choose(input) {
  const form = input.form;
  const words = form.querySelector("[data-picture-words]");
  if (!globalThis.crypto?.subtle) {
    words.textContent = words.dataset.insecure;
    return;
  }
  form.dataset.preparing = "1";
  words.textContent = words.dataset.reading;
  let bad = false;
  for (const file of input.files) {
    try {
      const picture = await prepare(file);
      await keep({ sha256: picture.preview.sha256, account, order: 0, bytes: picture.preview.bytes });
      await keep({ sha256: picture.sha256, account, order: 1, bytes: picture.full });
      add(form, picture);
    } catch {
      bad = true;
    }
  }
  input.value = "";
  delete form.dataset.preparing;
  words.textContent = bad ? words.dataset.unreadable : words.dataset.ready;
}

/** A file -> {sha256, entry, full, preview}: at most 1600 px, JPEG, drawn anew so that no metadata comes along. */
async function prepare(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const full = await draw(bitmap, LONGEST, 0.85);
  let preview = await draw(bitmap, PREVIEW, 0.7);
  for (let quality = 0.5; preview.bytes.byteLength > PREVIEW_BYTES && quality > 0.1; quality -= 0.15) {
    preview = await draw(bitmap, PREVIEW * 0.75, quality);
  }
  bitmap.close();
  const previewName = await sha256(preview.bytes);
  const entry = {
    stage: "after",
    type: "image/jpeg",
    bytes: full.bytes.byteLength,
    width: full.width,
    height: full.height,
    preview: previewName,
    taken_at: new Date(Math.min(file.lastModified || Date.now(), Date.now())).toISOString(),
  };
  return { sha256: await sha256(full.bytes), entry, full: full.bytes, preview: { sha256: previewName, bytes: preview.bytes } };
}

async function draw(bitmap, longest, quality) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const paper = canvas.getContext("2d");
  paper.imageSmoothingQuality = "high";
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
  return { bytes: await blob.arrayBuffer(), width: canvas.width, height: canvas.height };
}

async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((each) => each.toString(16).padStart(2, "0")).join("");
}

function add(form, picture) {
  const all = chosen.get(form) ?? new Map();
  chosen.set(form, all);
  if (all.has(picture.sha256)) return;
  all.set(picture.sha256, picture);
  const item = document.createElement("li");
  const image = document.createElement("img");
  image.src = URL.createObjectURL(new Blob([picture.full], { type: "image/jpeg" }));
  image.alt = "";
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "quiet";
  remove.dataset.unchoose = picture.sha256;
  remove.textContent = form.querySelector("[data-picture-words]").dataset.remove;
  item.append(image, remove);
  form.querySelector("[data-chosen]").append(item);
  name(form);
}

function unchoose(button) {
  const form = button.closest("form");
  const picture = chosen.get(form)?.get(button.dataset.unchoose);
  if (picture) for (const each of [picture.sha256, picture.preview.sha256]) void drop(each);
  chosen.get(form)?.delete(button.dataset.unchoose);
  button.closest("li").remove();
  name(form);
}

/** Write into the form what its change will name. */
function name(form) {
  const all = [...(chosen.get(form)?.values() ?? [])];
  form.querySelector("[data-named]").value = all.length ? JSON.stringify(Object.fromEntries(all.map((each) => [each.sha256, each.entry]))) : "";
}

/** Is a picture of this form still being made ready? */
export const isPreparing = (form) => form.dataset.preparing === "1";

/** The change has been taken: its pictures may go, the form starts empty. */
export async function releasePictures(form) {
  const taken = [...(chosen.get(form)?.values() ?? [])];
  chosen.delete(form);
  form.querySelector("[data-chosen]")?.replaceChildren();
  const named = form.querySelector("[data-named]");
  if (named) named.value = "";
  for (const each of taken) {
    await noteNamed(each.preview.sha256);
    await noteNamed(each.sha256);
  }
}
