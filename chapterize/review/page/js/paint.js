// Painting the timeline. The ground (loudness, topic curve, slides, ruler) is kept as an image and
// painted again only when the view changes; chapters are painted over it.

import { lastAtMost } from "./dom.js";
import { columns } from "./pyramid.js";
import { clock } from "./time.js";

export const RULER = 22;
export const BLOCKS = 34;
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const NAMES = ["panel", "sunk", "line", "text", "muted", "accent", "on-accent", "wave", "curve", "slide", "block", "block-alt", "bad"];

/** The theme's colours and font, as a canvas understands them. */
export function readColours(element) {
  const colours = { font: getComputedStyle(document.documentElement).fontFamily };
  for (const name of NAMES) {
    element.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(element).color;
  }
  element.style.color = "";
  return colours;
}

/** Give `canvas` as many pixels as it shows; its size is in CSS pixels. */
export function fit(canvas, { width, height }) {
  const ratio = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
}

export function paintGround(context, { width, height }, { from, to }, data, colours) {
  const scale = width / (to - from);
  context.fillStyle = colours.panel;
  context.fillRect(0, 0, width, height);
  paintRuler(context, width, height, from, to, scale, colours);
  const top = RULER + BLOCKS + 4;
  if (data.peaks) paintWave(context, width, top, height - top - 8, from, to, data.peaks, colours.wave);
  if (data.curve) paintCurve(context, width, top, height - top - 8, from, to, scale, data.curve, colours.curve);
  context.fillStyle = colours.slide;
  for (const slide of data.slides) {
    if (slide >= from && slide <= to) context.fillRect(Math.round((slide - from) * scale) - 1, height - 9, 2, 9);
  }
}

function paintRuler(context, width, height, from, to, scale, colours) {
  const step = STEPS.find((seconds) => seconds * scale >= 78) ?? 14400;
  context.font = `11px ${colours.font}`;
  context.textBaseline = "middle";
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    const x = Math.round((time - from) * scale);
    context.fillStyle = colours.line;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = colours.muted;
    context.fillText(clock(time, step < 1 ? 1 : 0), x + 5, RULER / 2 + 1);
  }
}

let maxima = new Uint8Array(0);
export function paintWave(context, width, top, height, from, to, peaks, colour) {
  const n = Math.max(1, Math.floor(width));
  if (maxima.length !== n) maxima = new Uint8Array(n);
  columns(peaks, from, to, maxima);
  const middle = top + height / 2;
  context.fillStyle = colour;
  context.beginPath();
  for (let x = 0; x < n; x += 1) {
    const half = Math.max(0.5, (maxima[x] / peaks.top) * (height / 2));
    context.rect(x, middle - half, 1, half * 2);
  }
  context.fill();
}

function paintCurve(context, width, top, height, from, to, scale, { starts, scores }, colour) {
  const first = Math.max(0, lastAtMost(starts, from));
  const last = Math.min(starts.length - 1, lastAtMost(starts, to) + 1);
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  let column = NaN, most = 0, begun = false;
  const flush = () => {
    const y = top + height - 1 - (most / 255) * (height - 4);
    if (begun) context.lineTo(column, y); else context.moveTo(column, y);
    begun = true;
  };
  for (let i = first; i <= last; i += 1) {
    const x = Math.round((starts[i] - from) * scale);
    if (x === column) { if (scores[i] > most) most = scores[i]; continue; }
    if (i > first) flush();
    column = x;
    most = scores[i];
  }
  if (last >= first) flush();
  context.stroke();
}

/** The row of chapters; `row` is [top, height]. */
export function paintBlocks(context, width, { from, to }, chapters, colours, row, chosenId, isDashed) {
  const scale = width / (to - from);
  const [top, height] = row;
  context.font = `12px ${colours.font}`;
  context.textBaseline = "middle";
  chapters.forEach((chapter, index) => {
    const left = (chapter.start - from) * scale, right = (chapter.end - from) * scale;
    if (right < 0 || left > width) return;
    const isChosen = chapter.id === chosenId && chosenId !== null;
    const [x, w] = [Math.max(-2, left), Math.min(width + 2, right) - Math.max(-2, left)];
    context.fillStyle = isChosen ? colours.accent : index % 2 ? colours["block-alt"] : colours.block;
    context.fillRect(x + 0.5, top, Math.max(1, w - 1), height);
    if (isDashed && left > 0) {
      context.strokeStyle = colours.accent;
      context.setLineDash([3, 3]);
      context.strokeRect(x + 0.5, top + 0.5, Math.max(1, w - 1), height - 1);
      context.setLineDash([]);
    }
    // How sure the program is, as in the list.
    if (left > 0 && chapter.confidence !== null && height > 20 && w > 44) {
      context.fillStyle = isChosen ? colours["on-accent"] : colours.accent;
      context.fillRect(x + 12, top + height - 5, 24 * chapter.confidence, 2);
    }
    const room = w - 20;
    if (room > 14 && chapter.title) {
      context.fillStyle = isChosen ? colours["on-accent"] : colours.text;
      context.fillText(shortened(context, chapter.title, room), Math.max(x, 0) + 12, top + height / 2 + 1);
    }
  });
}

const widths = new Map();
function shortened(context, text, room) {
  const key = `${text}\n${Math.floor(room)}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  let short = text;
  if (context.measureText(text).width > room) {
    let low = 0, high = text.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle; else high = middle - 1;
    }
    short = low > 1 ? `${text.slice(0, low).trimEnd()}…` : "";
  }
  if (widths.size > 4000) widths.clear();
  widths.set(key, short);
  return short;
}

/** Lines through the ground: boundaries that another count would take or bring. */
export function paintDifference(context, width, height, { from, to }, rows, colours) {
  const scale = width / (to - from);
  context.lineWidth = 2;
  for (const { chapter, is } of rows) {
    const x = Math.round((chapter.start - from) * scale);
    if (is === "kept" || x < 0 || x > width) continue;
    context.strokeStyle = is === "fresh" ? colours.accent : colours.bad;
    context.setLineDash(is === "fresh" ? [5, 3] : [2, 3]);
    context.beginPath();
    context.moveTo(x, RULER);
    context.lineTo(x, height);
    context.stroke();
  }
  context.setLineDash([]);
}
