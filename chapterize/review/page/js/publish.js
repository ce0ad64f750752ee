// The rules of a platform, checked as the chapters change; the list to copy; files, and other tasks.

import { getJson, getText, post } from "./api.js";
import { choose } from "./actions.js";
import { $, click, complain, icon, later, make, toast } from "./dom.js";
import { on, set, state } from "./store.js";
import { ask, watchTasks } from "./tasks.js";
import { t } from "./texts.js";
import { allSaved, isSaved } from "./saving.js";

const KEPT = "chapterize.platform";
const platform = () => localStorage.getItem(KEPT) ?? state.project.platforms[0].id;
const label = () => state.project.platforms.find(({ id }) => id === platform())?.label ?? "";

let checked = null; // the check of the chapters as they are now
const checkNow = () => checked ??= checkSaved();
const check = later(250, () => { if (isSaved()) checkNow(); });

async function checkSaved() {
  if (!await allSaved()) return;
  const { version } = state;
  try {
    const answer = await getJson(`/api/check?platform=${encodeURIComponent(platform())}`);
    if (version === state.version) set({ check: answer });
  } catch (error) {
    const problems = [{ chapter: null, message: error.message, is_warning: false }];
    set({ check: { problems, left: problems, text: "", fixed: { changes: [] } } });
  }
}

/** What the platform accepts as it is, what the copied list corrects, and what nobody can. */
function judged({ problems, left }) {
  const errors = problems.filter((problem) => !problem.is_warning);
  if (left.some((problem) => !problem.is_warning)) return ["bad", "warn", t("refuses", label())];
  if (errors.length) return ["warn", "good", t("corrects", errors.length, label())];
  return ["good", "good", t("readyFor", label())];
}

function showVerdict() {
  const [is, name, text] = judged(state.check);
  for (const id of ["verdict", "ready"]) {
    $(id).hidden = false;
    $(id).dataset.is = is;
    $(id).replaceChildren(icon(is === "warn" ? "warn" : name), make("span", {}, text));
  }
  $("verdict").title = text;
  $("verdict").setAttribute("aria-label", text);
}

function showSheet() {
  const { problems, text, fixed } = state.check;
  $("problems").replaceChildren(...problems.map(({ chapter, message, is_warning: isWarning }) => make("li", {}, make(
    "button", { "data-is": isWarning ? "note" : "warn", onclick: () => { if (chapter) { choose(chapter - 1); $("sheet").close(); } } },
    chapter ? `${t("chapterN", chapter)}: ${message}` : message,
  ))));
  $("text").value = text;
  $("copy").disabled = !text;
  $("changes").replaceChildren(...fixed.changes.map((change) => make("li", {}, change)));
  $("corrected").hidden = !fixed.changes.length;
  $("platform").value = platform();
}

/** Whether the server knows what is shown; a message says so if not. */
const isReady = async () => await allSaved() || toast(t("failed"), { is: "bad" });

async function copy() {
  if (!await isReady()) return;
  await checkNow();
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
  checkNow();
  watchTasks();
  $("sheet").showModal();
  $("copy").focus();
}

/** Start work on the server; its progress shows in the list of tasks. */
async function startTask(kind, options = {}) {
  if (!await isReady()) return;
  try {
    await post("/api/tasks", { kind, options });
    await watchTasks();
    $("task-box").scrollIntoView({ block: "nearest" });
  } catch (error) {
    const names = error.answer?.error?.names;
    if (error.status === 409 && names) {
      ask(t("fileExists"), names.join("\n"), t("replace"), (accepts) => { if (accepts) startTask(kind, { ...options, replace: true }); });
    } else complain(error);
  }
}

async function download() {
  const { name, suffix } = state.project.formats.find((format) => format.name === $("format").value);
  if (!await isReady()) return;
  try {
    const text = await getText(`/api/text?format=${encodeURIComponent(name)}`);
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    const stem = state.project.name.replace(/\.[^.]*$/, "");
    make("a", { href: address, download: `${stem}${suffix.startsWith(".") ? "" : "."}${suffix}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  } catch (error) {
    complain(error);
  }
}

export function startPublish() {
  on("chapters project saving", () => { checked = null; if (state.project) check(); });
  on("check", () => { showVerdict(); showSheet(); });
  let shown = null;
  on("project", ({ project }) => {
    if (shown === project.formats) return;
    shown = project.formats;
    $("format").replaceChildren(...project.formats.map(({ name, label: text, suffix }) => make("option", { value: name }, `${text} (${suffix})`)));
    $("format").value = "youtube";
    $("platform").replaceChildren(...project.platforms.map(({ id, label: text }) => make("option", { value: id }, text)));
    $("platform").value = platform();
    $("k-render").disabled = $("k-send").disabled = !project.has_video;
  });
  $("platform").addEventListener("change", () => { localStorage.setItem(KEPT, $("platform").value); checked = null; check(); });
  click("publish", open);
  click("verdict", open);
  click("copy", copy);
  click("download", download);
  click("export", () => startTask("export", { format: $("format").value }));
  for (const kind of ["embed", "render", "split", "send"]) click(`k-${kind}`, () => startTask(kind));
}
