// Every commit is shown at once and saved in order. The server owns the history and the version.

import { put, post, Refused } from "./api.js";
import { complain, toast } from "./dom.js";
import { set, state } from "./store.js";
import { t } from "./texts.js";

const waiting = []; // { path, chapters?, gesture? } in order
let saved = []; // the list that the server has
let isSending = false;
let staged = null; // a gesture of many small steps, committed when it rests
let timer = 0;

export function begin({ chapters, version, can_undo, can_redo }, more = {}) {
  saved = chapters;
  set({ chapters, version, canUndo: can_undo, canRedo: can_redo, chosen: chosenIn(chapters), ...more });
}

/** One gesture: one step of the history. */
export function commit(chapters, gesture) {
  flush();
  enqueue({ chapters, gesture });
}

/** Show a small step now, and commit it with those that follow within half a second. */
export function stage(chapters, gesture) {
  if (staged && staged !== gesture) flush();
  staged = gesture;
  clearTimeout(timer);
  timer = setTimeout(flush, 500);
  set({ chapters });
}

export function flush() {
  clearTimeout(timer);
  if (!staged) return;
  const gesture = staged;
  staged = null;
  enqueue({ chapters: state.chapters, gesture });
}

function enqueue(step) {
  set({ chapters: step.chapters, drag: null, saving: "saving" });
  waiting.push(step);
  send();
}

export function command(name) {
  flush();
  waiting.push({ path: `/api/${name}` });
  send();
}

export const retry = () => send();
export const isSaved = () => !waiting.length && !isSending && !staged;

/** Wait until the server has everything; false if it does not take it. */
export async function allSaved() {
  flush();
  while (!isSaved() && state.saving !== "failed") await new Promise((done) => setTimeout(done, 20));
  return isSaved();
}

const sent = ({ id, start, title, is_locked }) => ({ ...(id.startsWith("new-") ? {} : { id }), start, title, is_locked });
const request = (step, version) => {
  if (step.path) return post(step.path, {}, { version, keepalive: true });
  return put("/api/chapters", { chapters: step.chapters.map(sent), gesture: step.gesture }, { version, keepalive: true });
};

async function send() {
  if (isSending || !waiting.length) return;
  isSending = true;
  set({ saving: "saving" });
  try {
    while (waiting.length) {
      const step = waiting[0];
      const answer = await request(step, state.version);
      waiting.shift();
      adopt(step, answer);
    }
    set({ saving: "saved" });
  } catch (error) {
    refused(error);
  } finally {
    isSending = false;
  }
}

function adopt(step, answer) {
  const isLast = !waiting.length && !staged;
  saved = answer.chapters;
  const patch = { version: answer.version, canUndo: answer.can_undo, canRedo: answer.can_redo };
  if (isLast) Object.assign(patch, { chapters: answer.chapters, chosen: chosenIn(answer.chapters) });
  else rename(answer.chapters);
  set(patch);
}

/** The id of the chosen chapter, or of the one nearest to it if another list lacks it. */
function chosenIn(chapters) {
  const old = state.chapters.find((chapter) => chapter.id === state.chosen);
  if (!old || chapters.some((chapter) => chapter.id === state.chosen)) return state.chosen;
  const far = (chapter) => Math.abs(chapter.start - old.start);
  return chapters.reduce((best, chapter) => (far(chapter) < far(best) ? chapter : best)).id;
}

/** Steps made while one was being saved get the ids and titles that the server gave. */
function rename(chapters) {
  const known = new Map(chapters.map((chapter) => [chapter.start, chapter]));
  const named = (list) => list.map((chapter) => {
    const it = chapter.id.startsWith("new-") ? known.get(chapter.start) : null;
    return it ? { ...chapter, id: it.id, title: chapter.title ?? it.title } : chapter;
  });
  for (const step of waiting) if (step.chapters) step.chapters = named(step.chapters);
  set({ chapters: named(state.chapters) });
}

function refused(error) {
  if (!(error instanceof Refused)) throw error;
  const step = waiting[0];
  const current = error.answer?.current;
  if (error.status === 412 && current) {
    const mine = waiting.findLast((one) => one.chapters)?.chapters ?? null;
    waiting.length = 0;
    // An answer that was lost on its way: it was saved all the same.
    if (!mine || isSame(mine, current.chapters)) {
      begin({ can_undo: true, can_redo: false, ...current });
      set({ saving: "saved" });
      if (!mine) toast(t("otherTab"));
    } else set({ conflict: { theirs: current, mine, gesture: step.gesture ?? "move" }, saving: "failed" });
  } else if ([0, 403].includes(error.status) || error.status >= 500) {
    set({ saving: "failed" });
    toast(error.message, { is: "bad", action: [t("retry"), retry] });
  } else {
    waiting.length = 0;
    set({ chapters: saved, chosen: chosenIn(saved), saving: "saved" });
    complain(error);
  }
}

const isSame = (mine, theirs) => mine.length === theirs.length && mine.every(({ start, title, is_locked: lock }, index) => {
  const other = theirs[index];
  return start === other.start && lock === other.is_locked && (title ?? other.title) === other.title;
});

/** The answer of the person to a conflict. */
export function settle(isMine) {
  const { theirs, mine, gesture } = state.conflict;
  set({ conflict: null });
  begin({ can_undo: true, can_redo: false, ...theirs });
  if (isMine) enqueue({ chapters: mine, gesture });
  else set({ saving: "saved" });
}

/** Another tab saved: show its list, unless something here is unsaved. */
export function follow(answer) {
  if (!isSaved() || answer.version <= state.version) return;
  begin(answer);
  toast(t("otherTab"));
}

/** The page is about to go: what still waits is sent in a request that outlives it. */
addEventListener("pagehide", () => {
  document.activeElement?.blur?.();
  flush();
  // The first of those waiting may be on its way already, and raises the version by one.
  const last = waiting.slice(isSending ? 1 : 0).findLast((step) => step.chapters);
  if (last) request(last, state.version + Number(isSending)).catch(() => {});
});
