// Keys. Each has a visible button too, and none with a single letter works while text is typed.

import * as actions from "./actions.js";
import { cancel } from "./count.js";
import { showKeys } from "./dialogs.js";
import { isTyping } from "./dom.js";
import { nudge } from "./handles.js";
import { edit, focusList } from "./list.js";
import * as player from "./player.js";
import { state } from "./store.js";

const step = (by) => { actions.step(by); if (document.activeElement?.closest("#list")) focusList(); };

const PLAIN = {
  " ": player.toggle, k: player.toggle,
  j: () => player.setRate(-1), l: () => player.setRate(1),
  ",": () => player.stepFrame(-1), ".": () => player.stepFrame(1),
  ArrowLeft: () => player.seek(player.time() - 5), ArrowRight: () => player.seek(player.time() + 5),
  ArrowUp: () => step(-1), ArrowDown: () => step(1),
  "[": () => nudge(state.chosen, -0.1), "]": () => nudge(state.chosen, 0.1),
  "{": () => nudge(state.chosen, -1), "}": () => nudge(state.chosen, 1),
  p: actions.playAround, s: () => actions.split(),
  Enter: () => edit(), Backspace: () => actions.merge(), Delete: () => actions.merge("delete"),
  Escape: () => { if (state.preview) cancel(); },
  "?": showKeys,
};

function press(event) {
  if (event.defaultPrevented || event.isComposing || !state.project || document.querySelector("dialog[open]")) return;
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey) {
    if (key.toLowerCase() !== "z" || isTyping(target)) { if (key.toLowerCase() !== "y" || isTyping(target)) return; }
    event.preventDefault();
    if (event.shiftKey || key.toLowerCase() === "y") actions.redo(); else actions.undo();
    return;
  }
  if (event.altKey || isTyping(target)) return;
  // A button keeps the keys that press it, a slider those that move it.
  if (target.closest("button") && (key === " " || key === "Enter")) return;
  if (target.matches("input[type=range]") && /^(Arrow|Home|End|Page|Enter)/.test(key)) return;
  // Shift turns [ into { on some keyboards only.
  const name = event.shiftKey && event.code === "BracketLeft" ? "{" : event.shiftKey && event.code === "BracketRight" ? "}" : key;
  const run = PLAIN[name.length === 1 ? name.toLowerCase() : name];
  if (!run) return;
  event.preventDefault();
  run();
}

export function startKeys() {
  addEventListener("keydown", press);
}
