// Changes to a list of chapters, as pure functions: a list in, a new list out.

export const CLOSEST = 0.1; // seconds between two boundaries that the page allows

/** Sort by start, put the first at 0 and give each the end that the next one's start is. */
export function tiled(chapters, duration) {
  const sorted = [...chapters].sort((a, b) => a.start - b.start);
  return sorted.map((chapter, index) => ({ ...chapter, start: index ? chapter.start : 0, end: sorted[index + 1]?.start ?? duration }));
}

/** How far a boundary can move: between its neighbours. */
export function limits(chapters, index, duration) {
  return [chapters[index - 1].start + CLOSEST, (chapters[index + 1]?.start ?? duration) - CLOSEST];
}

const round = (seconds) => Math.round(seconds * 1000) / 1000;
const clamp = (value, [low, high]) => Math.min(Math.max(value, low), Math.max(low, high));
const change = (chapters, index, patch) => chapters.map((chapter, at) => (at === index ? { ...chapter, ...patch } : chapter));

export function moved(chapters, index, start, duration) {
  const at = round(clamp(start, limits(chapters, index, duration)));
  return tiled(change(chapters, index, { start: at, is_moved: true }), duration);
}

export const retitled = (chapters, index, title) => change(chapters, index, { title, is_retitled: true });
export const locked = (chapters, index, is_locked) => change(chapters, index, { is_locked });

let n_added = 0;
/** A boundary at `start`; null if another is too close. */
export function added(chapters, start, duration) {
  const at = round(start);
  if (at < CLOSEST || at > duration - CLOSEST || chapters.some((chapter) => Math.abs(chapter.start - at) < CLOSEST)) return null;
  n_added += 1;
  // The server finds a title for one without.
  const fresh = { id: `new-${n_added}`, start: at, title: null, is_locked: false, is_added: true, confidence: null };
  return tiled([...chapters, fresh], duration);
}

/** Without the boundary of `index`: the chapter before it goes on; before the first, the next does. */
export function merged(chapters, index, duration) {
  return tiled(chapters.filter((_, at) => at !== index), duration);
}

/** All boundaries from `index` on moved by `seconds`, but for locked ones; null if the order would break. */
export function shifted(chapters, index, seconds, duration) {
  const list = chapters.map((chapter, at) => (at < index || at === 0 || chapter.is_locked ? chapter : { ...chapter, start: round(chapter.start + seconds), is_moved: true }));
  const isInOrder = list.every((chapter, at) => at === 0 || chapter.start - list[at - 1].start >= CLOSEST);
  return isInOrder && list.at(-1).start <= duration - CLOSEST ? tiled(list, duration) : null;
}

/** What changes between two lists: each boundary is kept, gone or fresh. */
export function compared(now, next) {
  const starts = (list) => new Set(list.map((chapter) => chapter.start));
  const [before, after] = [starts(now), starts(next)];
  const rows = now.map((chapter) => ({ chapter, is: after.has(chapter.start) ? "kept" : "gone" }));
  rows.push(...next.filter((chapter) => !before.has(chapter.start)).map((chapter) => ({ chapter, is: "fresh" })));
  return rows.sort((a, b) => a.chapter.start - b.chapter.start);
}
