// The start of the page: load, show, then follow what the server tells.

import * as actions from "./actions.js";
import { firstProject, getBytes, getJson } from "./api.js";
import { startCount } from "./count.js";
import { startDetails } from "./details.js";
import { startDialogs } from "./dialogs.js";
import { $, click, make, toast } from "./dom.js";
import { startHandles } from "./handles.js";
import { startKeys } from "./keys.js";
import { startList } from "./list.js";
import { startPlayer } from "./player.js";
import { startPublish } from "./publish.js";
import { pyramid } from "./pyramid.js";
import { begin, flush, follow, retry } from "./saving.js";
import { on, set, state } from "./store.js";
import { startTasks, watchTasks } from "./tasks.js";
import { fill, loadTexts, t } from "./texts.js";
import { clock } from "./time.js";
import { startTimeline } from "./timeline.js";
import { bringCurrent, startTranscript } from "./transcript.js";

async function start() {
  firstProject?.catch(() => {});
  await loadTexts();
  fill();
  if (!firstProject) { cannot(t("noToken"), t("noTokenLong")); return; }
  let project;
  try {
    project = { media: { state: "none" }, peaks: { state: "none" }, ...await firstProject };
  } catch (error) {
    cannot(error.what || t("noAnswer"), error.status === 403 ? t("noTokenLong") : [error.why, error.hint].filter(Boolean).join(" "));
    return;
  }
  for (const begins of [startPlayer, startTimeline, startHandles, startList, startDetails, startTranscript, startCount, startDialogs, startPublish, startKeys]) begins();
  startHeader();
  begin(project, { project, chosen: project.chapters[0].id, view: { from: 0, to: project.duration } });
  startTasks();
  document.body.dataset.state = "ready";
  performance.mark("interactive");
  loadRest();
  followServer();
}

function cannot(what, why) {
  $("main").replaceChildren(make("div", { class: "cannot" }, make("h2", {}, what), make("p", {}, why)));
  document.body.dataset.state = "failed";
}

function loadRest() {
  getJson("/api/curve").then(({ starts, scores, pauses }) => set({
    curve: { starts: starts.map((ms) => ms / 1000), scores, pauseEnds: pauses.map(([, end]) => end / 1000) },
  })).catch(() => {});
  getJson("/api/transcript").then(({ starts, texts }) => set({ transcript: { starts: starts.map((ms) => ms / 1000), texts } })).catch(() => {});
  loadPeaks();
}

let peaksOf = "";
async function loadPeaks() {
  const { peaks } = state.project;
  $("peaks-note").textContent = peaks.state === "preparing" ? t("peaksPreparing") : "";
  if (peaks.state !== "ready" || peaksOf === peaks.url) return;
  peaksOf = peaks.url;
  try {
    const { bytes, rate } = await getBytes(peaks.url);
    set({ peaks: pyramid(bytes, rate) });
  } catch { peaksOf = ""; }
}

/** Look each second for what changes without this page: another tab, the media, the waveform. */
function followServer() {
  let isBusy = false;
  const look = async () => {
    if (isBusy || document.hidden) return;
    isBusy = true;
    try {
      const { version, ...parts } = await getJson("/api/status");
      const old = state.project;
      if (Object.keys(parts).some((key) => JSON.stringify(parts[key]) !== JSON.stringify(old[key]))) {
        set({ project: { ...old, ...parts } });
        loadPeaks();
      }
      if (version > state.version && state.saving === "saved" && !state.drag) follow(await getJson("/api/project"));
      if (state.isAway) {
        set({ isAway: false });
        toast(t("back"));
        if (!state.conflict) retry();
      }
    } catch (error) {
      if (error.status !== 0 && error.status !== 403) return;
      if (!state.isAway) toast(t(error.status ? "otherRun" : "noAnswer"), { is: "bad", ms: 60_000 });
      set({ isAway: true });
    } finally {
      isBusy = false;
    }
  };
  setInterval(look, 1000);
  addEventListener("focus", look);
  addEventListener("media-changed", look);
}

function startHeader() {
  on("project", ({ project }) => {
    $("name").textContent = project.title || project.name;
    $("facts").textContent = [project.title ? project.name : "", clock(project.duration), project.height ? `${project.width}×${project.height}` : ""].filter(Boolean).join(" · ");
    $("total").textContent = clock(project.duration);
    document.title = `${project.title || project.name} – chapterize`;
  });
  on("saving canUndo canRedo preview isAway", ({ saving, canUndo, canRedo, preview, isAway }) => {
    $("saved").textContent = t(isAway ? "away" : saving);
    $("saved").dataset.is = isAway ? "failed" : saving;
    $("retry").hidden = saving !== "failed";
    $("undo").disabled = !canUndo || Boolean(preview);
    $("redo").disabled = !canRedo || Boolean(preview);
  });
  set({ saving: "saving" });
  set({ saving: "saved" });
  click("undo", actions.undo);
  click("redo", actions.redo);
  click("retry", retry);
  click("prev", () => actions.step(-1));
  click("next", () => actions.step(1));
  for (const button of document.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () => {
      document.body.dataset.tab = button.dataset.show;
      for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", String(other === button));
      if (button.dataset.show === "transcript") bringCurrent();
    });
  }
  addEventListener("beforeunload", (event) => { if (state.saving === "failed") event.preventDefault(); });
  addEventListener("visibilitychange", () => { if (document.hidden) flush(); });
  addEventListener("hashchange", enterRun);
}

/** The address of another run was opened in this tab: save what waits, if it has the same file. */
async function enterRun() {
  const token = early.take();
  const answer = token && await early.ask(token).catch(() => null);
  if (!answer?.ok) return;
  const { name, duration } = await answer.json();
  if (name === state.project.name && duration === state.project.duration) {
    early.token = token;
    flush();
    await retry();
  }
  location.reload();
}

start();
