// The list of chapters: a listbox with one tab stop. A title is changed in an input over its row.

import { choose, retitle, split } from "./actions.js";
import { $, click, icon, make, shot } from "./dom.js";
import { compared } from "./edits.js";
import * as player from "./player.js";
import { indexAt, indexOf, on, state } from "./store.js";
import { t } from "./texts.js";
import { dragged } from "./timeline.js";
import { clock } from "./time.js";

const list = $("list"), rename = $("rename");
const rows = new Map();
let playing = -1;

function rowOf(chapter) {
  let row = rows.get(chapter.id);
  if (!row) {
    row = make("div", { role: "option", class: "row-item", tabindex: "-1" }, make("span", { class: "time" }), make("span", { class: "what" }), make("span", { class: "long" }));
    row.dataset.id = chapter.id;
    rows.set(chapter.id, row);
  }
  return row;
}

const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };

function fillRow(row, chapter, hasProblem) {
  const [time, what, long] = row.children;
  put(time, clock(chapter.start));
  put(what, chapter.title ?? t("newChapter"));
  what.classList.toggle("none", !chapter.title);
  const key = [clock(chapter.end - chapter.start), chapter.is_locked, hasProblem, chapter.confidence, chapter.slide].join();
  if (long.dataset.key === key) return;
  long.dataset.key = key;
  const sure = chapter.start ? chapter.confidence : null; // the first one has no choice
  const mark = (name, text) => [icon(name, name), make("span", { class: "unseen" }, t(text))];
  const marks = [
    shot(state.project, chapter.slide),
    ...(hasProblem ? mark("warn", "hasProblem") : []),
    ...(chapter.is_locked ? mark("lock", "isLockedShort") : []),
    Number.isFinite(sure) && make("span", { class: "sure", share: sure, title: t("confidenceIs", Math.round(sure * 100)) }),
    make("span", {}, clock(chapter.end - chapter.start)),
  ];
  long.replaceChildren(...marks.filter(Boolean));
}

function update() {
  const { chapters, chosen, check } = state;
  const troubled = new Set((check?.problems ?? []).map((problem) => problem.chapter));
  $("n").textContent = String(chapters.length);
  const hadFocus = list.contains(document.activeElement);
  const ids = new Set(chapters.map((chapter) => chapter.id));
  for (const [id, row] of rows) if (!ids.has(id)) { row.remove(); rows.delete(id); }
  let before = null;
  chapters.forEach((chapter, index) => {
    const row = rowOf(chapter);
    fillRow(row, chapter, troubled.has(index + 1));
    const isChosen = chapter.id === chosen;
    row.setAttribute("aria-selected", String(isChosen));
    row.tabIndex = isChosen ? 0 : -1;
    if (row.previousElementSibling !== before || !row.isConnected) {
      if (before) before.after(row); else list.prepend(row);
    }
    before = row;
  });
  const row = rows.get(chosen);
  if (hadFocus && row && document.activeElement !== row) row.focus({ preventScroll: true });
  if (row) keepVisible(row);
  markPlaying(player.time());
}

function keepVisible(row) {
  const box = $("list-scroll");
  if (row.offsetTop < box.scrollTop + 8) box.scrollTop = row.offsetTop - 40;
  else if (row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight - 8) box.scrollTop = row.offsetTop + row.offsetHeight - box.clientHeight + 40;
}

function showDrag() {
  if (!state.drag) { update(); return; }
  const row = rows.get(state.drag.id);
  if (row) put(row.children[0], clock(dragged()[indexOf(state.drag.id)].start));
}

function markPlaying(seconds) {
  const index = indexAt(seconds);
  const id = state.chapters[index]?.id;
  if (id === playing && rows.get(id)?.classList.contains("now")) return;
  list.querySelector(".now")?.classList.remove("now");
  rows.get(id)?.classList.add("now");
  playing = id;
}

function showComparison() {
  const { preview } = state;
  list.hidden = Boolean(preview);
  $("compare-list").hidden = !preview;
  if (!preview) return;
  $("compare-list").replaceChildren(...compared(state.chapters, preview.chapters).map(({ chapter, is }) => make(
    "li", { class: `row-item ${is}` },
    make("span", { class: "time" }, clock(chapter.start)),
    make("span", { class: chapter.title ? "what" : "what none" }, chapter.title || t("newBoundary")),
    make("span", { class: "long" }, ...(chapter.is_locked ? [icon("lock", "lock")] : []), is === "kept" ? "" : t(is)),
  )));
}

/** Open the input over the row of `id`. */
export function edit(id = state.chosen) {
  const row = rows.get(id);
  if (!row || state.preview) return;
  if (!row.offsetParent) { $("title").focus(); $("title").select(); return; }
  const chapter = state.chapters[indexOf(id)];
  rename.dataset.id = id;
  rename.value = rename.dataset.shown = chapter.title ?? "";
  rename.style.top = `${row.offsetTop + 2}px`;
  rename.hidden = false;
  rename.focus({ preventScroll: true });
  rename.select();
}

function close(isKept) {
  if (rename.hidden) return;
  const { id, shown } = rename.dataset;
  const text = rename.value;
  rename.hidden = true;
  // What was only shown may have another title by now.
  if (isKept && text !== shown) retitle(id, text);
}

function renameKey(event) {
  if (event.isComposing) return;
  if (event.key === "Escape") { close(false); rows.get(state.chosen)?.focus(); }
  if (event.key !== "Enter") return;
  event.preventDefault();
  const index = indexOf(rename.dataset.id);
  close(true);
  if (index + 1 < state.chapters.length) {
    choose(index + 1);
    edit();
  } else rows.get(state.chosen)?.focus();
}

export const focusList = () => rows.get(state.chosen)?.focus({ preventScroll: true });

export function startList() {
  on("project", ({ project: { notes } }) => {
    $("notes").hidden = !notes.length;
    $("note-list").replaceChildren(...notes.map((note) => make("li", {}, note)));
  });
  on("chapters chosen check", update);
  on("drag", showDrag);
  on("preview", showComparison);
  player.onTime(markPlaying);
  list.addEventListener("click", (event) => {
    const row = event.target.closest(".row-item");
    if (!row) return;
    choose(indexOf(row.dataset.id));
    row.focus({ preventScroll: true });
  });
  list.addEventListener("dblclick", (event) => { if (event.target.closest(".row-item")) edit(); });
  list.addEventListener("keydown", (event) => {
    const to = { Home: 0, End: state.chapters.length - 1, PageUp: indexOf(state.chosen) - 10, PageDown: indexOf(state.chosen) + 10 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
    focusList();
  });
  rename.addEventListener("keydown", renameKey);
  rename.addEventListener("blur", () => close(true));
  click("add", () => split("add"));
}
