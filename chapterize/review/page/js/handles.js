// One slider for each boundary, over the canvas. Dragging snaps to sentences, pauses and slides.

import { $, eachFrame, lastAtMost, make, toast } from "./dom.js";
import { limits, moved } from "./edits.js";
import * as player from "./player.js";
import { commit, stage } from "./saving.js";
import { indexOf, on, set, state } from "./store.js";
import { t } from "./texts.js";
import { hideSnap, secondsPerPixel, showSnap, toTime, toX } from "./timeline.js";
import { exact } from "./time.js";

const REACH = 10; // pixels within which a boundary snaps
const handles = new Map();

function update() {
  const { chapters, project, chosen } = state;
  const seen = new Set();
  chapters.forEach((chapter, index) => {
    if (!index) return;
    seen.add(chapter.id);
    let handle = handles.get(chapter.id);
    if (!handle) {
      handle = make("div", { class: "handle", role: "slider", "aria-orientation": "horizontal" });
      handle.dataset.id = chapter.id;
      handles.set(chapter.id, handle);
    }
    const [low, high] = limits(chapters, index, project.duration);
    const values = {
      "aria-valuemin": low.toFixed(1), "aria-valuemax": high.toFixed(1), "aria-valuenow": chapter.start.toFixed(1),
      "aria-valuetext": t("sliderText", exact(chapter.start), chapter.title ?? t("newChapter")), "aria-label": t("boundary", index + 1),
      "aria-readonly": String(Boolean(chapter.is_locked)),
    };
    for (const [name, value] of Object.entries(values)) if (handle.getAttribute(name) !== value) handle.setAttribute(name, value);
    handle.classList.toggle("locked", Boolean(chapter.is_locked));
    handle.classList.toggle("chosen", chapter.id === chosen);
    handle.tabIndex = chapter.id === chosen || (index === 1 && indexOf(chosen) < 1) ? 0 : -1;
  });
  for (const [id, handle] of handles) if (!seen.has(id)) { handle.remove(); handles.delete(id); }
  // In their order, for readers of the page; an element that has the focus is not moved.
  let before = null;
  for (const { id } of chapters.slice(1)) {
    const handle = handles.get(id);
    if (handle.previousElementSibling !== before || !handle.isConnected) {
      if (before) before.after(handle); else $("handles").prepend(handle);
    }
    before = handle;
  }
  place();
}

function place() {
  const { drag, chapters, view } = state;
  const isDense = (chapters.length * 14) / (state.project.duration / (view.to - view.from)) > (view.to - view.from) / secondsPerPixel();
  for (const { id, start } of chapters.slice(1)) {
    const handle = handles.get(id);
    if (!handle) continue;
    const at = drag?.id === id ? drag.start : start;
    const isInView = at >= view.from && at <= view.to;
    handle.hidden = !isInView || Boolean(state.preview);
    if (isInView) handle.style.transform = `translateX(${toX(at)}px)`;
    handle.classList.toggle("dense", isDense);
    handle.classList.toggle("held", drag?.id === id);
  }
}

const nearest = (sorted, value) => {
  const at = lastAtMost(sorted, value);
  const [a, b] = [sorted[at], sorted[at + 1]];
  return a === undefined ? b : b === undefined || value - a <= b - value ? a : b;
};

/** Where `seconds` snaps to, as { at, kind }; null if nothing is near. */
function snapped(seconds) {
  const reach = REACH * secondsPerPixel();
  const found = [];
  const add = (values, kind, weight) => {
    const at = values?.length ? nearest(values, seconds) : undefined;
    if (at !== undefined && Math.abs(at - seconds) <= reach) found.push({ at, kind, far: Math.abs(at - seconds) * weight });
  };
  add(state.curve?.starts, "snapSentence", 1);
  add(state.curve?.pauseEnds, "snapPause", 1.2);
  add(state.project.slides, "snapSlide", 1.2);
  return found.sort((a, b) => a.far - b.far)[0] ?? null;
}

function label(snap, start) {
  const text = snap?.kind === "snapSentence" && state.transcript?.texts[lastAtMost(state.curve.starts, start + 0.001)];
  const words = text ? `: ${text.slice(0, 40)}` : "";
  return snap ? `${exact(start)} · ${t(snap.kind)}${words}` : exact(start);
}

function press(event) {
  const handle = event.target.closest(".handle");
  if (!handle || event.button !== 0) return;
  event.preventDefault();
  event.stopPropagation();
  const { id } = handle.dataset;
  const index = indexOf(id);
  const chapter = state.chapters[index];
  set({ chosen: id });
  handle.focus({ preventScroll: true });
  if (chapter.is_locked) { toast(t("isLocked")); return; }
  const { left } = $("track").getBoundingClientRect();
  const grab = event.clientX - left - toX(chapter.start);
  const range = limits(state.chapters, index, state.project.duration);
  const before = player.time();
  let hasMoved = false;
  const apply = (x, isFree) => {
    if (!hasMoved) return;
    const free = Math.min(Math.max(toTime(x - left - grab), range[0]), range[1]);
    const near = isFree ? null : snapped(free);
    const snap = near && near.at >= range[0] && near.at <= range[1] ? near : null;
    const start = snap?.at ?? free;
    set({ drag: { id, start } });
    showSnap(start, label(snap, start));
    player.glance(start);
  };
  const follow = eachFrame(apply);
  const move = (pointer) => {
    if (Math.abs(pointer.clientX - event.clientX) > 2) hasMoved = true;
    follow(pointer.clientX, pointer.altKey);
  };
  const escape = (key) => { if (key.key === "Escape") { key.stopPropagation(); end(true); } };
  const end = (isCancelled) => {
    const { drag } = state;
    hasMoved = false;
    handle.removeEventListener("pointermove", move);
    removeEventListener("keydown", escape, true);
    hideSnap();
    set({ drag: null });
    const at = indexOf(id);
    if (drag && !isCancelled && at > 0 && drag.start !== chapter.start) {
      commit(moved(state.chapters, at, drag.start, state.project.duration), "move");
      player.seek(drag.start);
    } else if (drag) player.seek(before);
  };
  handle.setPointerCapture(event.pointerId);
  handle.addEventListener("pointermove", move);
  handle.addEventListener("pointerup", (pointer) => { apply(pointer.clientX, pointer.altKey); end(false); }, { once: true });
  handle.addEventListener("pointercancel", () => end(true), { once: true });
  addEventListener("keydown", escape, true);
}

/** Move the boundary of `id` by `seconds`; many small steps become one step of the history. */
export function nudge(id, seconds) {
  const index = indexOf(id);
  if (index < 1) return;
  const chapter = state.chapters[index];
  if (chapter.is_locked) { toast(t("isLocked")); return; }
  stage(moved(state.chapters, index, chapter.start + seconds, state.project.duration), "move");
  player.seek(state.chapters[index].start);
}

function byKey(event) {
  const { id } = event.target.dataset;
  const index = indexOf(id);
  if (index < 1 || event.ctrlKey || event.metaKey) return;
  const chapter = state.chapters[index];
  const [low, high] = limits(state.chapters, index, state.project.duration);
  const by = {
    ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10,
    Home: low - chapter.start, End: high - chapter.start,
  }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  if (id !== state.chosen) set({ chosen: id });
  nudge(id, event.shiftKey ? by / 10 : by);
}

export function startHandles() {
  on("chapters chosen project", () => { if (state.project) update(); });
  on("view drag preview", () => { if (state.project) place(); });
  $("handles").addEventListener("pointerdown", press);
  $("handles").addEventListener("keydown", byKey);
}

