// The chosen chapter: its title, its time, and why it starts there.

import * as actions from "./actions.js";
import { getJson } from "./api.js";
import { $, click, later, make, setIcon, shot } from "./dom.js";
import { nudge } from "./handles.js";
import * as player from "./player.js";
import { chosen, indexOf, on, state } from "./store.js";
import { t } from "./texts.js";
import { clock, exact, parse } from "./time.js";
import { dragged } from "./timeline.js";

const title = $("title"), start = $("start"), nudges = document.querySelectorAll("[data-by]");

function update() {
  const index = indexOf(state.chosen);
  const chapter = state.chapters[index];
  if (!chapter) return;
  const isFirst = index === 0;
  $("h-details").textContent = t("chapterOf", index + 1, state.chapters.length);
  $("marks").textContent = ["is_added", "is_moved", "is_retitled"].filter((key) => chapter[key]).map((key) => t(key)).join(" · ");
  // What is being typed stays; a title that was only shown follows another tab.
  if (!isTyped() || document.activeElement !== title || title.dataset.id !== chapter.id) showTitle(chapter);
  showStart();
  const isBusy = Boolean(state.preview);
  for (const element of [...nudges, start, $("here")]) element.disabled = isFirst || chapter.is_locked || isBusy;
  for (const id of ["merge", "shift"]) $(id).disabled = isFirst || isBusy;
  $("delete").disabled = state.chapters.length < 2 || isBusy;
  title.disabled = $("split").disabled = $("add").disabled = $("b-split").disabled = isBusy;
  $("lock").disabled = isFirst || isBusy;
  $("lock").setAttribute("aria-pressed", String(Boolean(chapter.is_locked)));
  setIcon("lock", chapter.is_locked ? "lock" : "unlock");
  $("lock-text").textContent = t(chapter.is_locked ? "isLockedShort" : "lock");
}

function showTitle(chapter) {
  title.value = title.dataset.shown = chapter.title ?? "";
  title.dataset.id = chapter.id;
}

const isTyped = () => title.value !== title.dataset.shown;

function keepTitle() {
  if (!isTyped()) return;
  title.dataset.shown = title.value;
  actions.retitle(title.dataset.id, title.value);
}

function showStart() {
  const chapter = dragged()[indexOf(state.chosen)];
  if (chapter && document.activeElement !== start) { start.value = exact(chapter.start); start.removeAttribute("aria-invalid"); }
}

/* Why here. */

let request = null;
let shownFor = "";
const explain = later(90, async () => {
  const chapter = chosen();
  if (!chapter) return;
  const key = `${chapter.start}`;
  if (key === shownFor) return;
  request?.abort();
  request = new AbortController();
  try {
    const why = await getJson(`/api/why?start=${chapter.start}`, { signal: request.signal });
    shownFor = key;
    showWhy(chapter, why);
  } catch (error) {
    if (error.name !== "AbortError") $("why").replaceChildren(make("p", { class: "note" }, error.message));
  }
});

/** The first sentences, as far as they fit into a few lines; at least one. */
function nearest(sentences) {
  let room = 170;
  return sentences.filter((text, index) => { room -= text.length; return index === 0 || room > 0; });
}

function showWhy(chapter, why) {
  const facts = make("dl", { class: "facts" });
  const fact = (name, ...value) => facts.append(make("dt", {}, t(name)), make("dd", {}, ...value));
  const percent = (value) => `${Math.round(value * 100)} %`;
  const isFirst = chapter.start === 0;
  if (!isFirst) {
    if (why.confidence !== null) fact("confidence", make("span", { class: "meter", share: why.confidence }), percent(why.confidence));
    if (why.topic_drop > 0) fact("topicChange", make("span", { class: "meter curve", share: why.topic_drop }), percent(why.topic_drop));
    if (why.pause >= 0.1) fact("pause", t("seconds", why.pause.toFixed(1)));
    if (why.cue_words.length) fact("cueWords", t("quoted", why.cue_words));
    if (why.slide !== null) fact("slide", why.heading ? t("slideAt", why.heading, exact(why.slide)) : exact(why.slide));
    if (why.marker !== null) fact("marker", exact(why.marker));
    if (why.words_gone.length) fact("wordsGone", why.words_gone.join(", "));
    if (why.words_new.length) fact("wordsNew", why.words_new.join(", "));
  }
  const reasons = facts.children.length ? facts : make("p", { class: "note" }, t(isFirst ? "whyFirst" : "whyNothing"));
  const says = make("div", { class: "says" });
  if (why.before.length) says.append(make("p", { class: "before" }, nearest(why.before.toReversed()).reverse().join(" ")));
  says.append(make("div", { class: "cut" }, clock(chapter.start)));
  if (why.after.length) says.append(make("p", {}, nearest(why.after).join(" ")));
  const words = why.before.length || why.after.length;
  $("why").replaceChildren(
    make("div", {}, make("h3", {}, t("said")), words ? says : make("p", { class: "note" }, t("noWords"))),
    make("div", {}, make("h3", {}, t("why")), reasons),
    shot(state.project, why.image, t("slideOf", state.project.headings[why.image])) ?? "",
  );
}

/* Suggested titles. */

const ideas = new Map();
async function suggest() {
  const chapter = chosen();
  if (!chapter || !state.project.is_captioned) return;
  const key = `${chapter.start}-${chapter.end}`;
  try {
    if (!ideas.has(key)) ideas.set(key, (await getJson(`/api/suggest?start=${chapter.start}&end=${chapter.end}`)).titles);
  } catch { return; }
  if (chosen()?.id !== chapter.id) return;
  const titles = ideas.get(key).filter((text) => text !== title.value).slice(0, 5);
  $("ideas").hidden = !titles.length;
  $("ideas").replaceChildren(...titles.map((text) => make("button", { title: text, onclick: () => { title.value = text; actions.retitle(chapter.id, text); } }, text)));
}
const suggestSoon = later(200, suggest);

function startChanged() {
  const seconds = parse(start.value);
  const isGood = seconds !== null && actions.moveTo(state.chosen, seconds);
  start.setAttribute("aria-invalid", String(!isGood));
  return isGood;
}

export function startDetails() {
  on("chapters chosen preview project", update);
  on("drag", showStart);
  on("chapters chosen", () => { explain(); });
  on("chosen", () => { $("ideas").hidden = true; suggestSoon(); });
  title.addEventListener("change", keepTitle);
  title.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") { showTitle(chosen()); title.blur(); event.stopPropagation(); }
    if (event.key !== "Enter") return;
    event.preventDefault();
    keepTitle();
    if (indexOf(state.chosen) + 1 < state.chapters.length) { actions.step(1); showTitle(chosen()); title.select(); }
  });
  start.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { if (startChanged()) start.select(); }
    else if (event.key === "Escape") { start.value = exact(chosen().start); start.blur(); event.stopPropagation(); }
  });
  start.addEventListener("change", startChanged);
  start.addEventListener("blur", showStart);
  for (const button of nudges) button.addEventListener("click", () => nudge(state.chosen, Number(button.dataset.by)));
  click("here", () => actions.moveTo(state.chosen, player.time()));
  click("around", actions.playAround);
  click("lock", actions.toggleLock);
  click("split", () => actions.split());
  click("b-split", () => actions.split());
  click("merge", () => actions.merge());
  click("delete", () => actions.merge("delete"));
}
