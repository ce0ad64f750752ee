// The one state of the page. Modules read `state`, change it with `set` and watch it with `on`.

export const state = {
  project: null, transcript: null, curve: null, peaks: null,
  chapters: [], version: 0, canUndo: false, canRedo: false,
  chosen: null, // id of the chosen chapter; its start is the chosen boundary
  drag: null, // { id, start, snap } while a boundary is being moved
  preview: null, // { n, chapters } while another count is compared
  view: { from: 0, to: 1 }, // seconds that the timeline shows
  saving: "saved", // saved, saving, failed
  isAway: false, // the program does not answer
  conflict: null, check: null, tasks: [],
};

const listeners = [];

export function on(keys, run) {
  listeners.push([new Set(keys.split(" ")), run]);
}

export function set(patch) {
  const changed = Object.keys(patch).filter((key) => state[key] !== patch[key]);
  Object.assign(state, patch);
  for (const [keys, run] of listeners) if (changed.some((key) => keys.has(key))) run(state);
}

export const indexOf = (id) => state.chapters.findIndex((chapter) => chapter.id === id);
export const chosen = () => state.chapters[indexOf(state.chosen)] ?? null;

/** The index of the chapter at `time`. */
export function indexAt(time, chapters = state.chapters) {
  let index = 0;
  while (index + 1 < chapters.length && chapters[index + 1].start <= time + 1e-3) index += 1;
  return index;
}
