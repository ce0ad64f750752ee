// Work that takes time: exports, renders and what is sent; with progress, cancel and questions.

import { getJson, post } from "./api.js";
import { $, complain, make } from "./dom.js";
import { on, set, state } from "./store.js";
import { has, t } from "./texts.js";

const asked = new Set();
let timer = 0;

/** Look at the tasks now, and every half second while one is running. */
export async function watchTasks() {
  clearTimeout(timer);
  try {
    const tasks = await getJson("/api/tasks");
    set({ tasks });
    if (tasks.some(({ state: is }) => is === "running" || is === "asking")) timer = setTimeout(watchTasks, 500);
  } catch {
    timer = setTimeout(watchTasks, 3000);
  }
}

const name = (kind) => t({ export: "saveFile", split: "splitFiles" }[kind] ?? kind);
const act = (path, body) => post(path, body).catch(complain).finally(watchTasks);

function show({ tasks }) {
  $("task-box").hidden = !tasks.length;
  $("tasks").replaceChildren(...tasks.toReversed().map(row));
  for (const task of tasks) if (task.state !== "asking") asked.delete(task.id);
  const question = tasks.find((task) => task.state === "asking" && !asked.has(task.id));
  if (question) askFor(question);
}

function row(task) {
  const { id, kind, state: is, fraction, stage, files, notes, why, next } = task;
  const isOpen = is === "running" || is === "asking";
  const failure = why ? [why.what, why.why, why.hint] : [];
  const lines = isOpen ? [] : [...failure, ...files, ...notes, next].filter(Boolean);
  return make(
    "li", { class: "task", "data-is": is },
    make("b", {}, `${name(kind)} · ${t(`state_${is}`)}`),
    isOpen ? make("button", { class: "small", onclick: () => act(`/api/tasks/${id}/cancel`) }, t("cancel")) : null,
    is === "running" ? make("progress", { max: 1, value: fraction, "aria-label": name(kind) }) : null,
    is === "running" ? make("p", {}, has(`stage_${stage}`) ? t(`stage_${stage}`) : stage) : null,
    ...lines.map((line) => make("p", {}, line)),
  );
}

/** Show what would leave the machine, as the terminal does, and send the person's answer. */
function askFor(task) {
  asked.add(task.id);
  const { kind, lines } = task.question;
  ask(t(`ask_${kind}`), lines.join("\n"), t(`agree_${kind}`), (accepts) => act(`/api/tasks/${task.id}/answer`, { accepts }));
}

/** A question with two answers; "no" has the focus. */
export function ask(title, text, yes, answer) {
  $("h-ask").textContent = title;
  $("ask-what").textContent = text;
  $("ask-yes").textContent = yes;
  const close = (accepts) => { $("ask").close(); answer(accepts); };
  $("ask-yes").onclick = () => close(true);
  $("ask-no").onclick = () => close(false);
  $("ask").oncancel = (event) => { event.preventDefault(); close(false); };
  $("ask").showModal();
  $("ask-no").focus();
}

export function startTasks() {
  on("tasks", show);
  if (state.project) watchTasks();
}
