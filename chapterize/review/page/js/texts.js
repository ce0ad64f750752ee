// All words of the page come from texts/en.js and texts/zh.js, by the browser's language.

import { icon } from "./dom.js";

let words = {};

export async function loadTexts() {
  words = (await import(`./texts/${early.language}.js`)).default;
  document.documentElement.lang = early.language === "zh" ? "zh-Hans" : "en";
}

/** The text of `key`; texts with figures or names in them are functions. */
export function t(key, ...values) {
  const text = words[key];
  if (text === undefined) throw new Error(`no text: ${key}`);
  return typeof text === "function" ? text(...values) : text;
}

export const has = (key) => key in words;

/** Fill what the HTML marks with data-text, data-label and data-icon; a key goes to the tooltip. */
export function fill(root = document) {
  for (const element of root.querySelectorAll("[data-icon]")) element.prepend(icon(element.dataset.icon));
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of root.querySelectorAll("[data-label]")) {
    const label = t(element.dataset.label);
    if (!element.dataset.text && !element.querySelector("[data-text]")) element.setAttribute("aria-label", label);
    if (element.matches("button")) element.title = label;
  }
  for (const element of root.querySelectorAll("button[data-key]")) {
    element.title = `${element.title || element.textContent.trim()} (${element.dataset.key})`;
  }
}
