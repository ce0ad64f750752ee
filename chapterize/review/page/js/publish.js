// The rules of a platform, checked as the chapters change; the list to copy; files, and other tasks.

import { getJson, getText, post } from "./api.js";
import { choose } from "./actions.js";
import { $, icon, later, make, toast } from "./dom.js";
import { on, set, state } from "./store.js";
import { watchTasks } from "./tasks.js";
import { t } from "./texts.js";
import { isSaved } from "./saving.js";

const KEPT = "chapterize.platform";
const platform = () => localStorage.getItem(KEPT) ?? state.project.platforms[0].id;
const label = () => state.project.platforms.find(({ id }) => id === platform())?.label ?? "";

const check = later(250, async () => {
  if (!isSaved()) { check(); return; }
  try {
    set({ check: await getJson(`/api/check?platform=${encodeURIComponent(platform())}`) });
  } catch { /* The next change checks again. */ }
});

function showVerdict() {
  const { problems } = state.check;
  const isGood = !problems.length;
  const button = $("verdict");
  button.hidden = false;
  button.dataset.is = isGood ? "good" : "warn";
  button.replaceChildren(icon(isGood ? "good" : "warn"), make("span", {}, isGood ? t("readyFor", label()) : t("nProblems", problems.length, label())));
  button.title = button.textContent;
  button.setAttribute("aria-label", button.textContent);
}

function showSheet() {
  const { problems, text, fixed } = state.check;
  const changes = fixed?.changes ?? [];
  const isGood = !problems.length;
  $("ready").dataset.is = isGood ? "good" : "warn";
  $("ready").replaceChildren(icon(isGood ? "good" : "warn"), isGood ? t("readyFor", label()) : t("nProblems", problems.length, label()));
  $("problems").replaceChildren(...problems.map(({ chapter, message }) => make("li", {}, make(
    "button", { onclick: () => { if (chapter) { choose(chapter - 1); $("sheet").close(); } } },
    chapter ? `${t("chapterN", chapter)}: ${message}` : message,
  ))));
  $("text").value = text;
  $("changes").textContent = changes.length && !isGood ? t("corrected", changes.length) : "";
  for (const button of $("platforms").children) button.setAttribute("aria-pressed", String(button.dataset.id === platform()));
}

async function copy() {
  const { text } = state.check;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    $("text").select();
    document.execCommand("copy");
  }
  toast(t("copied", label()));
}

export function open() {
  watchTasks();
  $("sheet").showModal();
  $("copy").focus();
}

/** Start work on the server; its progress shows in the list of tasks. */
export async function startTask(kind, options = {}) {
  try {
    await post("/api/tasks", { kind, options });
    watchTasks();
    $("task-box").scrollIntoView({ block: "nearest" });
  } catch (error) {
    toast(error.message || t("noAnswer"), { is: "bad" });
  }
}

async function download() {
  const { name, suffix } = state.project.formats.find((format) => format.name === $("format").value);
  try {
    const text = await getText(`/api/text?format=${encodeURIComponent(name)}`);
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    const stem = state.project.name.replace(/\.[^.]*$/, "");
    make("a", { href: address, download: `${stem}${suffix.startsWith(".") ? "" : "."}${suffix}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  } catch (error) {
    toast(error.message || t("noAnswer"), { is: "bad" });
  }
}

export function startPublish() {
  on("chapters project", () => { if (state.project) check(); });
  on("check", () => { showVerdict(); showSheet(); });
  on("project", ({ project }) => {
    $("format").replaceChildren(...project.formats.map(({ name, label: text, suffix }) => make("option", { value: name }, `${text} (${suffix})`)));
    $("platforms").replaceChildren(...project.platforms.map(({ id, label: text }) => make("button", { "data-id": id, onclick: () => { localStorage.setItem(KEPT, id); check(); } }, text)));
    $("k-render").disabled = $("k-send").disabled = !project.has_video;
  });
  $("publish").addEventListener("click", open);
  $("verdict").addEventListener("click", open);
  $("copy").addEventListener("click", copy);
  $("download").addEventListener("click", download);
  $("export").addEventListener("click", () => startTask("export", { format: $("format").value }));
  $("k-embed").addEventListener("click", () => startTask("embed"));
  $("k-render").addEventListener("click", () => startTask("render"));
  $("k-split").addEventListener("click", () => startTask("split"));
  $("k-send").addEventListener("click", () => startTask("send"));
}
