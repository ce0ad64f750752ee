// Few to many: another count is compared with the chapters of now, and applied only when asked.

import { getJson } from "./api.js";
import { $, click, complain } from "./dom.js";
import { compared, tiled } from "./edits.js";
import { commit } from "./saving.js";
import { on, set, state } from "./store.js";
import { t } from "./texts.js";

const slider = $("amount");
let request = null;

function update() {
  const { project, chapters, preview } = state;
  const { most, granularities, likely } = project.count;
  slider.max = Math.max(most, chapters.length);
  if (!preview) slider.value = chapters.length;
  const n = preview?.n ?? chapters.length;
  slider.style.setProperty("--filled", `${((n - 1) / Math.max(1, slider.max - 1)) * 100}%`);
  slider.setAttribute("aria-valuetext", t("nChapters", n));
  $("amounts").hidden = most < 2;
  for (const button of $("sizes").children) {
    const count = granularities[button.dataset.size];
    button.hidden = !count;
    button.lastElementChild.textContent = count ?? "";
    button.setAttribute("aria-pressed", String(count === n));
  }
  $("likely").hidden = !likely || likely[0] === likely[1];
  if (likely) $("likely").textContent = t("likely", ...likely);
  $("sizes").hidden = !Object.keys(granularities).length;
}

/** Show what `n` chapters would be, next to those of now. */
async function compare(n) {
  request?.abort();
  request = new AbortController();
  $("apply").disabled = true; // what is shown is not yet what was asked for
  try {
    const answer = await getJson(`/api/count/${n}`, { signal: request.signal });
    const next = answer.chapters.map((chapter, index) => ({ ...chapter, id: chapter.id ?? `preview-${index}` }));
    set({ preview: { n: answer.n, chapters: tiled(next, state.project.duration) } });
  } catch (error) {
    if (error.name !== "AbortError") complain(error);
  }
}

function showDifference() {
  const { preview, chapters } = state;
  $("compare").hidden = !preview;
  update();
  if (!preview) return;
  const rows = compared(chapters, preview.chapters);
  const n = (is) => rows.filter((row) => row.is === is).length;
  $("compare-what").textContent = t("compareWhat", chapters.length, preview.chapters.length, n("fresh"), n("gone"), chapters.filter((chapter) => chapter.is_locked).length);
  $("apply").disabled = !n("fresh") && !n("gone");
}

export function cancel() {
  request?.abort();
  set({ preview: null });
}

function apply() {
  const { preview } = state;
  if (!preview || $("apply").disabled) return;
  const near = (start) => state.chapters.find((chapter) => chapter.start === start);
  const list = preview.chapters.map((chapter, index) => {
    const old = near(chapter.start);
    return old ? { ...old, end: chapter.end } : { ...chapter, id: `new-c${state.version}-${index}` };
  });
  const chosen = list.find((chapter) => chapter.id === state.chosen) ?? list[0];
  set({ preview: null });
  commit(list, "count");
  set({ chosen: chosen.id });
}

export function startCount() {
  on("chapters project", () => { if (state.project) update(); });
  on("preview", showDifference);
  on("chapters", () => { if (state.preview) cancel(); });
  slider.addEventListener("input", () => compare(slider.value));
  slider.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.preview) { cancel(); event.stopPropagation(); }
    if (event.key === "Enter" && state.preview) apply();
  });
  click("sizes", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const n = state.project.count.granularities[button.dataset.size];
    slider.value = n;
    compare(n);
  });
  click("cancel", () => { cancel(); slider.focus(); });
  click("apply", apply);
}
