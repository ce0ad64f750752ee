// The transcript, a line for each sentence, in blocks that are laid out when they are near.

import { $, click, lastAtMost, make } from "./dom.js";
import * as player from "./player.js";
import { on, state } from "./store.js";
import { t } from "./texts.js";
import { clock } from "./time.js";

const BLOCK = 64;
const box = $("words");
let lines = [];
const headings = new Map();
let current = -1;
let isFollowing = true;
let touchedAt = -Infinity;

function build() {
  const { texts, starts } = state.transcript;
  lines = [];
  box.replaceChildren();
  if (!texts.length) {
    box.append(make("div", { class: "empty" }, make("b", {}, t("noWords")), t("noWordsLong")));
    return;
  }
  for (let first = 0; first < texts.length; first += BLOCK) {
    const part = make("div", { class: "part" });
    for (let i = first; i < Math.min(first + BLOCK, texts.length); i += 1) {
      const line = document.createElement("p");
      line.textContent = texts[i];
      line.dataset.time = clock(starts[i]);
      line.dataset.i = i;
      lines.push(line);
      part.append(line);
    }
    box.append(part);
  }
  placeHeadings();
  mark(player.time());
}

/** A heading before the first sentence of each chapter. */
function placeHeadings() {
  if (!lines.length) return;
  const seen = new Set();
  const { starts } = state.transcript;
  for (const chapter of state.chapters) {
    seen.add(chapter.id);
    let heading = headings.get(chapter.id);
    if (!heading) headings.set(chapter.id, heading = make("h3", {}, make("span"), make("b")));
    const [time, title] = heading.children;
    const shown = clock(chapter.start);
    if (time.textContent !== shown) time.textContent = shown;
    if (title.textContent !== chapter.title) title.textContent = chapter.title ?? t("newChapter");
    heading.classList.toggle("chosen", chapter.id === state.chosen);
    const line = lines[lastAtMost(starts, chapter.start - 0.05) + 1];
    if (line) { if (heading.nextElementSibling !== line) line.before(heading); } else if (heading.parentNode !== box) box.append(heading);
  }
  for (const [id, heading] of headings) if (!seen.has(id)) { heading.remove(); headings.delete(id); }
}

function mark(seconds) {
  if (!lines.length) return;
  // A chapter starts in the pause before its first sentence.
  const index = lastAtMost(state.transcript.starts, seconds + 0.4);
  if (index === current) return;
  lines[current]?.classList.remove("now");
  lines[current]?.removeAttribute("aria-current");
  current = index;
  const line = lines[index];
  if (!line) return;
  line.classList.add("now");
  line.setAttribute("aria-current", "true");
  if (isFollowing && performance.now() - touchedAt > 4000) bring(line);
}

function bring(line) {
  if (!box.offsetParent) return;
  const [at, whole] = [line.getBoundingClientRect(), box.getBoundingClientRect()];
  const far = at.top - whole.top - whole.height * 0.35;
  if (Math.abs(far) < whole.height * 0.3) return;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches || Math.abs(far) > whole.height * 2;
  box.scrollBy({ top: far, behavior: isCalm ? "instant" : "smooth" });
  // Blocks that were never laid out have a guessed height; look again once they are.
  if (Math.abs(far) > whole.height * 2) requestAnimationFrame(() => { if (current >= 0) bring(lines[current]); });
}

export const bringCurrent = () => { touchedAt = -Infinity; if (lines[current]) bring(lines[current]); };

export function startTranscript() {
  on("transcript", build);
  on("chapters chosen", () => { if (state.transcript) placeHeadings(); });
  player.onTime(mark);
  for (const kind of ["wheel", "touchmove", "keydown"]) box.addEventListener(kind, () => { touchedAt = performance.now(); }, { passive: true });
  box.addEventListener("click", (event) => {
    const line = event.target.closest("p[data-i]");
    if (line && getSelection().isCollapsed) { touchedAt = performance.now(); player.seek(state.transcript.starts[line.dataset.i]); }
  });
  click("follow", () => {
    isFollowing = !isFollowing;
    $("follow").setAttribute("aria-pressed", String(isFollowing));
    if (isFollowing) bringCurrent();
  });
}
