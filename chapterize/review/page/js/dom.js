// Small ways to make elements. Text is always text: nothing here parses HTML.

export const $ = (id) => document.getElementById(id);
export const click = (id, run) => $(id).addEventListener("click", run);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "share") element.style.setProperty("--share", `${Math.round(value * 100)}%`);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The image of a slide; none if there is no such slide, and it is removed if there is none of it. */
export const shot = ({ images }, slide, alt = "") => Number.isInteger(slide) ? make("img", { class: "shot", src: images + slide, alt, loading: "lazy", onerror: ({ target }) => target.remove() }) : null;

export function icon(name, extra = "") {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", `icon ${extra}`);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(space, "use"));
  svg.firstChild.setAttribute("href", `#i-${name}`);
  return svg;
}

export const setIcon = (id, name) => $(id).querySelector("use").setAttribute("href", `#i-${name}`);

/** Calls `run` at most once a frame, with the latest arguments. */
export function eachFrame(run) {
  let waiting = null;
  return (...values) => {
    if (waiting === null) requestAnimationFrame(() => { const latest = waiting; waiting = null; run(...latest); });
    waiting = values;
  };
}

/** Calls `run` once nothing asked for `ms`. */
export function later(ms, run) {
  let timer = 0;
  return (...values) => { clearTimeout(timer); timer = setTimeout(run, ms, ...values); };
}

/** The index of the last element of sorted `values` that is at most `value`, or -1. */
export function lastAtMost(values, value) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
}

export const isTyping = (element) => Boolean(element?.closest?.("input:not([type=range]), textarea, select, [contenteditable]"));

export const complain = (error) => toast(error.message, { is: "bad" });

let gone = 0;
/** A short message at the bottom. `action` is [text, function]. */
export function toast(text, { is = "note", action = null, ms = 5000 } = {}) {
  const box = make("div", { class: "toast", "data-is": is }, make("span", {}, text));
  if (action) box.append(make("button", { onclick: () => { toasts.hidePopover(); action[1](); } }, action[0]));
  const toasts = $("toasts");
  toasts.replaceChildren(box);
  // Above an open dialog too.
  if (toasts.matches(":popover-open")) toasts.hidePopover();
  toasts.showPopover();
  clearTimeout(gone);
  gone = setTimeout(() => toasts.hidePopover(), is === "bad" ? ms * 2 : ms);
}
