// Dialogs: a conflict with another tab, a pasted list, a shift, the theme, keys.

import { restore } from "./actions.js";
import { post } from "./api.js";
import { $, click, later, make, toast } from "./dom.js";
import { shifted } from "./edits.js";
import { commit, command, settle } from "./saving.js";
import { indexOf, on, set, state } from "./store.js";
import { t } from "./texts.js";
import { clock, exact } from "./time.js";

function showConflict() {
  const { conflict } = state;
  if (!conflict) { $("conflict").close(); return; }
  const { theirs, mine } = conflict;
  const rows = (list, other) => list.map((chapter) => {
    const isSame = other.some(({ start, title, is_locked: lock }) => start === chapter.start && title === chapter.title && Boolean(lock) === Boolean(chapter.is_locked));
    return make("li", { class: isSame ? "" : "differs" }, make("time", {}, exact(chapter.start)), make("span", {}, chapter.title ?? t("newChapter")));
  });
  $("theirs").replaceChildren(...rows(theirs.chapters, mine));
  $("mine").replaceChildren(...rows(mine, theirs.chapters));
  $("conflict").showModal();
  $("theirs").querySelector(".differs")?.scrollIntoView({ block: "nearest" });
  $("mine").querySelector(".differs")?.scrollIntoView({ block: "nearest" });
}

/* A pasted list. */

let pasted = null;
const read = later(250, async () => {
  const text = $("pasted").value;
  pasted = null;
  $("paste-apply").disabled = true;
  if (!text.trim()) { $("paste-what").textContent = ""; return; }
  try {
    pasted = (await post("/api/paste", { text })).chapters;
    $("paste-what").textContent = t("pasteRead", pasted.length, clock(pasted.at(-1).start));
    $("paste-apply").disabled = false;
  } catch (error) {
    $("paste-what").textContent = error.message;
  }
});

function usePasted() {
  const old = new Map(state.chapters.map((chapter) => [chapter.start, chapter]));
  commit(pasted.map((chapter, index) => {
    const known = old.get(chapter.start) ?? { id: `new-p${state.version}-${index}`, is_locked: false, confidence: null };
    return { ...known, ...chapter };
  }), "paste");
  set({ chosen: state.chapters[0].id });
  $("paste").close();
  undoable(t("listUsed"));
}

const undoable = (text) => toast(text, { action: [t("undo"), () => command("undo")] });

/* A shift of all that follows. */

function plan() {
  const index = indexOf(state.chosen);
  const by = Number($("shift-by").value);
  const list = by && Number.isFinite(by) ? shifted(state.chapters, index, by, state.project.duration) : null;
  const rest = state.chapters.slice(index);
  const nLocked = rest.filter((chapter) => chapter.is_locked).length;
  $("shift-what").textContent = by && !list ? t("shiftBreaks") : t("shiftWhat", rest.length - nLocked, nLocked);
  $("shift-apply").disabled = !list;
  return list;
}

/* The theme. */

function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem("chapterize.theme"); else localStorage.setItem("chapterize.theme", theme);
  } catch { /* Kept until the page closes. */ }
  showTheme();
  dispatchEvent(new Event("theme-changed"));
}

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? "auto";
  for (const button of document.querySelectorAll("[data-theme-is]")) button.setAttribute("aria-pressed", String(button.dataset.themeIs === theme));
}

/** The keys of all buttons, by the buttons themselves, and those that have none. */
export function showKeys() {
  const rows = new Map();
  for (const { dataset: { key, label, text } } of document.querySelectorAll("button[data-key]")) rows.set(key, [...new Set([...(rows.get(key) ?? []), t(label ?? text)])]);
  for (const [key, text] of [["Enter", "keyEdit"], ["Alt", "keyAlt"], ["Esc", "keyEscape"]]) rows.set(key, [t(text)]);
  $("key-list").replaceChildren(...[...rows].flatMap(([keys, texts]) => [
    make("dt", {}, ...keys.split(/(?<=.), /).map((key) => make("kbd", {}, key))),
    make("dd", {}, texts.join("; ")),
  ]));
  $("keys").showModal();
}

export function startDialogs() {
  on("conflict", showConflict);
  $("conflict").addEventListener("cancel", (event) => event.preventDefault());
  click("take-theirs", () => settle(false));
  click("keep-mine", () => settle(true));
  const menu = (id, run) => $(id).addEventListener("click", () => { $("menu").hidePopover(); run(); });
  menu("m-paste", () => { $("pasted").value = ""; read(); $("paste").showModal(); });
  menu("m-restore", () => { restore(); undoable(t("restored")); });
  menu("m-keys", showKeys);
  $("pasted").addEventListener("input", read);
  click("paste-apply", usePasted);
  click("shift", () => { plan(); $("shift-box").showModal(); $("shift-by").select(); });
  $("shift-by").addEventListener("input", plan);
  $("shift-by").addEventListener("keydown", (event) => { if (event.key === "Enter") $("shift-apply").click(); });
  click("shift-apply", () => { const list = plan(); if (list) { $("shift-box").close(); commit(list, "shift"); } });
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
  for (const button of document.querySelectorAll("[data-theme-is]")) button.addEventListener("click", () => setTheme(button.dataset.themeIs));
  showTheme();
}
