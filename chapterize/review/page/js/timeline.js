// What the timeline shows of the film, and moving about in it.

import { $, click, eachFrame } from "./dom.js";
import { compared } from "./edits.js";
import { BLOCKS, RULER, fit, paintBlocks, paintDifference, paintGround, paintWave, readColours } from "./paint.js";
import * as player from "./player.js";
import { indexAt, on, set, state } from "./store.js";
import { clock } from "./time.js";

const track = $("track"), canvas = $("canvas"), small = $("overview-canvas"), frameBox = $("window");
const CLOSEST_VIEW = 4; // seconds
// Sizes are noted when they change: to ask for them while painting would lay out the page each time.
let size = { width: 0, height: 0 };
let smallSize = { width: 0, height: 0 };
let ground = null; // the painted ground, and what it was painted for
let groundFor = "";
let generation = 0; // of the data and colours that the ground shows
let colours = null;

export const toX = (seconds) => ((seconds - state.view.from) / (state.view.to - state.view.from)) * size.width;
export const toTime = (x) => state.view.from + (x / size.width) * (state.view.to - state.view.from);
export const secondsPerPixel = () => (state.view.to - state.view.from) / size.width;

export function show(from, to) {
  const { duration } = state.project;
  const length = Math.min(Math.max(CLOSEST_VIEW, to - from), duration);
  const start = Math.min(Math.max(0, from), duration - length);
  set({ view: { from: start, to: start + length } });
}

export function zoom(factor, around = player.time()) {
  const { from, to } = state.view;
  const centre = around < from || around > to ? (from + to) / 2 : around;
  const length = Math.min(Math.max(CLOSEST_VIEW, (to - from) * factor), state.project.duration);
  const share = (centre - from) / (to - from);
  show(centre - share * length, centre - share * length + length);
}

/** Bring `seconds` into view, without a change of scale. */
export function reveal(seconds) {
  const { from, to } = state.view;
  const margin = (to - from) * 0.04;
  if (seconds < from + margin || seconds > to - margin) show(seconds - (to - from) / 3, seconds + ((to - from) * 2) / 3);
}

const paint = eachFrame(() => {
  if (!state.project) return;
  colours ??= readColours($("snap-label"));
  if (size.width < 2) return;
  fit(canvas, size);
  const key = [state.view.from, state.view.to, size.width, size.height, devicePixelRatio, generation].join();
  if (key !== groundFor) {
    ground ??= document.createElement("canvas");
    Object.assign(ground, { width: canvas.width, height: canvas.height });
    const context = ground.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const { peaks, curve, project } = state;
    paintGround(context, size, state.view, { peaks, curve, slides: project.slides }, colours);
    groundFor = key;
  }
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(ground, 0, 0);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  paintChapters(context);
  movePlayhead(player.time());
});

function paintChapters(context) {
  const { view, preview } = state;
  if (preview) {
    const half = BLOCKS / 2 - 1;
    paintBlocks(context, size.width, view, state.chapters, colours, [RULER, half], null, false);
    paintBlocks(context, size.width, view, preview.chapters, colours, [RULER + half + 2, half], null, true);
    paintDifference(context, size.width, size.height, view, compared(state.chapters, preview.chapters), colours);
  } else {
    paintBlocks(context, size.width, view, dragged(), colours, [RULER, BLOCKS], state.chosen, false);
  }
}

/** The chapters as they would be if the boundary were dropped now. */
export function dragged() {
  const { drag, chapters } = state;
  if (!drag) return chapters;
  const at = chapters.findIndex((chapter) => chapter.id === drag.id);
  if (at < 1) return chapters;
  return chapters.map((chapter, index) => (index === at ? { ...chapter, start: drag.start } : index === at - 1 ? { ...chapter, end: drag.start } : chapter));
}

const paintOverview = eachFrame(() => {
  if (!state.project) return;
  colours ??= readColours($("snap-label"));
  const { width, height } = smallSize;
  if (width < 2) return;
  fit(small, smallSize);
  const context = small.getContext("2d");
  const { duration } = state.project;
  context.fillStyle = colours.sunk;
  context.fillRect(0, 0, width, height);
  if (state.peaks) paintWave(context, width, 0, height, 0, duration, state.peaks, colours.wave);
  context.fillStyle = colours.accent;
  for (const { start } of state.chapters) if (start) context.fillRect(Math.round((start / duration) * width), 0, 1, height);
});

function placeWindow() {
  const { from, to } = state.view;
  const { duration } = state.project;
  const { width } = smallSize;
  frameBox.style.width = `${Math.max(8, ((to - from) / duration) * width)}px`;
  frameBox.style.transform = `translateX(${Math.min((from / duration) * width, width - 8)}px)`;
  const isWhole = to - from >= duration - 1e-6;
  frameBox.setAttribute("aria-valuenow", isWhole ? 0 : Math.round((from / (duration - to + from)) * 100));
  frameBox.setAttribute("aria-valuetext", `${clock(from)} – ${clock(to)}`);
  $("zoom-fit").disabled = $("zoom-out").disabled = isWhole;
}

function movePlayhead(seconds) {
  $("playhead").style.transform = `translateX(${toX(seconds)}px)`;
}

export function startTimeline() {
  on("view chapters chosen drag preview", paint);
  on("chapters project", paintOverview);
  on("peaks curve project", ({ curve, project }) => {
    generation += 1;
    $("k-curve").hidden = !curve?.scores.some(Boolean);
    $("k-slides").hidden = !project.slides.length;
    paint();
    paintOverview();
  });
  on("view", placeWindow);
  const sizes = new ResizeObserver((entries) => {
    for (const { target, contentRect: { width, height } } of entries) {
      if (target === track) size = { width, height }; else smallSize = { width, height };
    }
    paintOverview();
    if (state.project) set({ view: { ...state.view } });
  });
  sizes.observe(track);
  sizes.observe($("overview"));
  const recolour = () => { colours = null; generation += 1; paint(); paintOverview(); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  addEventListener("theme-changed", recolour);
  player.onTime((seconds) => {
    movePlayhead(seconds);
    if (player.isPlaying() && seconds > state.view.to && !state.drag) show(seconds, seconds + state.view.to - state.view.from);
  });

  click("zoom-in", () => zoom(0.5));
  click("zoom-out", () => zoom(2));
  click("zoom-fit", () => show(0, state.project.duration));
  track.addEventListener("wheel", wheel, { passive: false });
  track.addEventListener("pointerdown", press);
  track.addEventListener("pointermove", hover);
  track.addEventListener("pointerleave", () => { $("hover").hidden = true; });
  $("overview").addEventListener("pointerdown", pressOverview);
  frameBox.addEventListener("keydown", scrollByKey);
}

function wheel(event) {
  const isZoom = event.ctrlKey || event.metaKey;
  if (!isZoom && $("zoom-fit").disabled) return;
  event.preventDefault();
  const { left } = track.getBoundingClientRect();
  if (isZoom) zoom(Math.exp(event.deltaY * 0.002), toTime(event.clientX - left));
  else pan((event.deltaX || event.deltaY) * secondsPerPixel());
}

function pan(seconds) {
  show(state.view.from + seconds, state.view.to + seconds);
}

const place = (line, label, x, text) => {
  line.hidden = false;
  line.style.transform = `translateX(${x}px)`;
  line.classList.toggle("left", x > size.width - 180);
  label.textContent = text;
};

export const showSnap = (seconds, text) => place($("snap"), $("snap-label"), toX(seconds), text);
export const hideSnap = () => { $("snap").hidden = true; };

function hover(event) {
  const x = event.clientX - track.getBoundingClientRect().left;
  if (event.pointerType === "touch" || state.drag) { $("hover").hidden = true; return; }
  place($("hover"), $("hover-label"), x, clock(toTime(x), secondsPerPixel() < 0.1 ? 1 : 0));
}

/** A mouse scrubs; in the row of chapters it chooses one. A finger moves the view, and taps to seek. */
function press(event) {
  if (event.button !== 0 || event.target.closest(".handle")) return;
  const box = track.getBoundingClientRect();
  const x0 = event.clientX - box.left;
  const isTouch = event.pointerType === "touch";
  const view = { ...state.view };
  let hasMoved = false;
  const move = (next) => {
    const x = next.clientX - box.left;
    if (Math.abs(x - x0) > 4) hasMoved = true;
    if (isTouch && hasMoved) show(view.from - (x - x0) * secondsPerPixel(), view.to - (x - x0) * secondsPerPixel());
    else if (!isTouch) player.glance(toTime(x));
  };
  const up = (last) => {
    track.removeEventListener("pointermove", move);
    if (last.type === "pointercancel" || (isTouch && hasMoved)) return;
    const seconds = toTime(last.clientX - box.left);
    player.seek(seconds);
    if (event.clientY - box.top < RULER + BLOCKS && event.clientY - box.top > RULER && !hasMoved) set({ chosen: state.chapters[indexAt(seconds)].id });
  };
  track.setPointerCapture(event.pointerId);
  track.addEventListener("pointermove", move);
  track.addEventListener("pointerup", up, { once: true });
  track.addEventListener("pointercancel", up, { once: true });
}

function pressOverview(event) {
  const box = $("overview").getBoundingClientRect();
  const { duration } = state.project;
  const at = (pointer) => ((pointer.clientX - box.left) / box.width) * duration;
  const length = state.view.to - state.view.from;
  const grab = event.target === frameBox ? at(event) - state.view.from : length / 2;
  const move = (pointer) => show(at(pointer) - grab, at(pointer) - grab + length);
  move(event);
  $("overview").setPointerCapture(event.pointerId);
  $("overview").addEventListener("pointermove", move);
  const end = () => $("overview").removeEventListener("pointermove", move);
  $("overview").addEventListener("pointerup", end, { once: true });
  $("overview").addEventListener("pointercancel", end, { once: true });
}

function scrollByKey(event) {
  const length = state.view.to - state.view.from;
  const by = { ArrowLeft: -0.1, ArrowRight: 0.1, PageUp: -0.9, PageDown: 0.9, Home: -Infinity, End: Infinity }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  if (by === -Infinity) show(0, length);
  else if (by === Infinity) show(state.project.duration - length, state.project.duration);
  else pan(by * length);
}
