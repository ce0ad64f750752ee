// Work that takes time: exports, renders and what is sent; with progress, cancel and questions.

import { getJson, post } from "./api.js";
import { $, make, toast } from "./dom.js";
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
    if (tasks.some(({ state: is }) => is === "running" || is === "asking" || is === "waiting")) timer = setTimeout(watchTasks, 500);
  } catch {
    timer = setTimeout(watchTasks, 3000);
  }
}

const name = (kind) => t(`task_${kind}`);
const act = (path, body) => post(path, body).catch((error) => toast(error.message || t("noAnswer"), { is: "bad" })).finally(watchTasks);

function show({ tasks }) {
  $("task-box").hidden = !tasks.length;
  $("tasks").replaceChildren(...tasks.toReversed().map(row));
  const question = tasks.find((task) => task.state === "asking" && !asked.has(task.id));
  if (question) ask(question);
}

function row(task) {
  const { id, kind, state: is, fraction, stage, files, why, next } = task;
  const isRunning = is === "running" || is === "waiting" || is === "asking";
  const lines = is === "done" ? (files ?? []) : [why, next].filter(Boolean);
  return make(
    "li", { class: "task", "data-is": is },
    make("b", {}, `${name(kind)} · ${t(`state_${is}`)}`),
    isRunning ? make("button", { class: "small", onclick: () => act(`/api/tasks/${id}/cancel`) }, t("cancel")) : null,
    is === "running" ? make("progress", { max: 1, value: fraction ?? 0, "aria-label": name(kind) }) : null,
    is === "running" && stage ? make("p", {}, has(`stage_${stage}`) ? t(`stage_${stage}`) : stage) : null,
    ...lines.map((line) => make("p", {}, line)),
    task.can_replace ? make("button", { class: "small", onclick: () => act("/api/tasks", { kind, options: { ...task.options, replace: true } }) }, t("replace")) : null,
  );
}

/** Show what would leave the machine, as the terminal does, and send the person's answer. */
function ask(task) {
  asked.add(task.id);
  $("h-ask").textContent = t("consent");
  $("ask-what").textContent = typeof task.question === "string" ? task.question : (task.question?.lines ?? []).join("\n");
  $("ask-yes").textContent = t("agree");
  const answer = (accepts) => { $("ask").close(); act(`/api/tasks/${task.id}/answer`, { accepts }); };
  $("ask-yes").onclick = () => answer(true);
  $("ask-no").onclick = () => answer(false);
  $("ask").oncancel = () => answer(false);
  $("ask").showModal();
  $("ask-no").focus();
}

export function startTasks() {
  on("tasks", show);
  if (state.project) watchTasks();
}
