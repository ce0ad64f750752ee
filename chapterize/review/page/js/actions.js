// What a person can do to the chapters; buttons and keys call these.

import { toast } from "./dom.js";
import { added, locked, merged, moved, retitled } from "./edits.js";
import * as player from "./player.js";
import { commit, command } from "./saving.js";
import { chosen, indexOf, set, state } from "./store.js";
import { t } from "./texts.js";
import { reveal } from "./timeline.js";

/** Choose a chapter and go to its start. */
export function choose(index, { isSeeking = true } = {}) {
  const chapter = state.chapters[Math.min(Math.max(0, index), state.chapters.length - 1)];
  set({ chosen: chapter.id });
  reveal(chapter.start);
  if (isSeeking) player.seek(chapter.start);
}

export const step = (by) => choose(indexOf(state.chosen) + by);

/** A new boundary at the playhead; the server finds its title as part of the same step. */
export function split(gesture = "split") {
  if (state.preview) return;
  const list = added(state.chapters, player.time(), state.project.duration);
  if (!list) { toast(t("tooClose")); return; }
  const fresh = list.find(({ id }) => indexOf(id) < 0);
  commit(list, gesture);
  set({ chosen: fresh.id });
}

export function merge(gesture = "merge") {
  const index = indexOf(state.chosen);
  if (state.preview || state.chapters.length < 2 || (gesture === "merge" && index < 1)) return;
  if (state.chapters[index].is_locked) { toast(t("isLocked")); return; }
  const list = merged(state.chapters, index, state.project.duration);
  const next = list[Math.max(0, index - 1)];
  const title = state.chapters[index].title;
  commit(list, gesture);
  set({ chosen: next.id });
  toast(t("merged", title ?? t("newChapter")), { action: [t("undo"), () => command("undo")] });
}

export function toggleLock() {
  const index = indexOf(state.chosen);
  if (index >= 0) commit(locked(state.chapters, index, !state.chapters[index].is_locked), "lock");
}

/** Move the boundary to `seconds`; false if it cannot be there. */
export function moveTo(id, seconds) {
  const index = indexOf(id);
  if (index < 1) return false;
  if (state.chapters[index].is_locked) { toast(t("isLocked")); return false; }
  const list = moved(state.chapters, index, seconds, state.project.duration);
  if (list[index].start !== state.chapters[index].start) commit(list, "move");
  return Math.abs(list[index].start - seconds) < 0.06;
}

export function retitle(id, text) {
  const index = indexOf(id);
  const title = text.replace(/\s+/g, " ").trim();
  if (index < 0 || !title || title === state.chapters[index].title) return;
  commit(retitled(state.chapters, index, title), "retitle");
}

export const undo = () => { if (state.canUndo) command("undo"); };
export const redo = () => { if (state.canRedo) command("redo"); };
export const restore = () => command("restore");

export function playAround() {
  const chapter = chosen();
  if (chapter) player.playAround(chapter.start);
}
