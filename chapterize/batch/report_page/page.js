
"use strict";
(() => {
  const { name: folder, made, version, rows, n: nAll } = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 100; // rows that are drawn at once
  const MOST_PRINTED = 500;
  const LOW = 0.3;
  const LOOKS = { failed: "Failed", faults: "Check the file", wordless: "No words", unsure: "Low confidence", few: "Few chapters", many: "Many chapters" };
  const STATES = { done: "Done", skipped: "Done", kept: "Kept", waiting: "Not done yet", failed: "Failed" };
  const view = { state: "all", text: "", key: "looks", down: false, at: 0, isAll: false, isPrinted: false };
  const opened = new Set();
  const $ = (id) => document.getElementById(id);

  /* Text is text: nothing here writes markup. */
  function make(name, { text, on, share, ...rest } = {}, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(rest)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    for (const [event, act] of Object.entries(on ?? {})) made.addEventListener(event, act);
    if (share !== undefined) made.append(width(make("i"), share));
    made.append(...inside.filter(Boolean));
    return made;
  }
  function width(made, share) { made.style.width = `${Math.round(share * 100)}%`; return made; }
  const two = (n) => String(n).padStart(2, "0");
  function clock(seconds) {
    const whole = Math.floor(seconds + 1e-6), h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60;
    return h ? `${h}:${two(m)}:${two(whole % 60)}` : `${m}:${two(whole % 60)}`;
  }
  function long(seconds) {
    const whole = Math.round(seconds);
    if (whole < 60) return whole ? `${whole} s` : "< 1 s";
    return whole < 3600 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
  }
  const counted = (n, one, more) => `${n.toLocaleString("en")} ${n === 1 ? one : more}`;
  const percent = (share) => `${Math.round(share * 100)} %`;

  /* Which rows are shown, and in what order. */
  const GROUPS = {
    all: ["Files", () => true],
    failed: ["Failed", (row) => row.state === "failed"],
    look: ["To look at", (row) => row.state !== "failed" && row.looks.length > 0],
    done: ["Done", (row) => ["done", "skipped"].includes(row.state)],
    kept: ["Kept", (row) => row.state === "kept"],
    waiting: ["Not done yet", (row) => row.state === "waiting"],
  };
  const names = new Intl.Collator(undefined, { numeric: true });
  rows.forEach((row, index) => { row.rank = index; });
  const COLUMNS = [
    { key: "file", name: "File", of: (row) => `${row.folder}/${row.file}` },
    { key: "looks", name: "Look at first", of: (row) => row.rank },
    { key: "chapters", name: "Chapters", of: (row) => row.chapters.length },
    { key: "confidence", name: "Confidence", of: (row) => row.confidence },
    { key: "length", name: "Length", of: (row) => row.duration || null },
    { key: "took", name: "Took", of: (row) => row.seconds || null },
  ];
  function textOf(row) {
    row.text ??= [row.folder, row.file, row.reason?.what, row.reason?.why, ...row.notes,
      ...row.chapters.map((each) => each[1])].join("\n").toLowerCase();
    return row.text;
  }
  function chosen() {
    const words = view.text.toLowerCase().split(/\s+/).filter(Boolean), fits = GROUPS[view.state][1];
    const found = rows.filter((row) => fits(row) && words.every((word) => textOf(row).includes(word)));
    const { of } = COLUMNS.find((column) => column.key === view.key), sign = view.down ? -1 : 1;
    return found.sort((a, b) => {
      const x = of(a), y = of(b);
      if (x === null || y === null) return (x === null) - (y === null) || a.rank - b.rank; // unknown last
      return sign * (typeof x === "string" ? names.compare(x, y) : x - y) || a.rank - b.rank;
    });
  }

  /* One row, and what opens below it. */
  function tags(row) {
    const found = row.looks.map((look) => make("span", { class: "tag", "data-is": look, text: LOOKS[look] }));
    return found.length ? found : [make("span", { class: "tag", "data-is": row.state, text: STATES[row.state] })];
  }
  function strip(row) {
    const total = row.duration || 1, starts = row.chapters.map((each) => each[0]);
    return make("div", { class: "strip", "aria-hidden": "true" }, ...row.chapters.map(([start, , confidence], index) => {
      const part = make("i", { class: index && confidence !== null && confidence < LOW ? "low" : "" });
      part.style.flexGrow = String(Math.max(0, ((starts[index + 1] ?? total) - start) / total));
      return part;
    }));
  }
  function confidence(share, name) {
    return make("span", { class: share < LOW ? "low" : "", title: name },
      make("span", { class: "meter", share, "aria-hidden": "true" }), make("span", { class: "percent", text: percent(share) }));
  }
  function image(row) {
    const picture = row.image && make("img", { src: `data:image/jpeg;base64,${row.image}`, alt: "", decoding: "async", width: 96, height: 54 });
    return make("span", { class: "image", "aria-hidden": "true" }, picture || (row.file.split(".").pop() ?? "").slice(0, 5).toUpperCase());
  }
  function cell(key, ...inside) { return make("td", { class: `c-${key}`, role: "cell" }, ...inside); }
  function draw(row) {
    const id = `more-${row.rank}`, isOpen = view.isAll || opened.has(row.rank);
    const button = make("button", { class: "open-it", type: "button", "aria-expanded": isOpen, "aria-controls": id }, make("bdi", { text: row.file }));
    const reason = row.reason && make("p", { class: "why", text: row.reason.why || row.reason.what });
    const fault = row.faults[0] && make("p", { class: "why", text: row.faults[0], title: row.faults.join(" ") });
    const n = row.chapters.length;
    const line = make("tr", { class: `file ${row.state}`, role: "row" },
      make("th", { class: "c-file", scope: "row", role: "rowheader" }, make("div", { class: "file-cell" }, image(row),
        make("div", { class: "names" }, button, row.folder && make("p", { class: "folder" }, make("bdi", { text: row.folder }))))),
      cell("look", ...tags(row), fault),
      cell("chapters", n === 0 && reason, n ? make("span", { text: counted(n, "chapter", "chapters") }) : "", n ? strip(row) : ""),
      cell("confidence", row.confidence === null ? "" : confidence(row.confidence, "Mean confidence of the starts")),
      cell("length", row.duration ? clock(row.duration) : ""),
      cell("took", row.seconds ? long(row.seconds) : ""));
    let more = isOpen ? open(row, id) : null;
    line.addEventListener("click", (event) => {
      if (event.target !== button && !button.contains(event.target) && String(getSelection())) return;
      if (more) { more.remove(); more = null; opened.delete(row.rank); } else { more = open(row, id); line.after(more); opened.add(row.rank); }
      line.classList.toggle("open", Boolean(more));
      button.setAttribute("aria-expanded", String(Boolean(more)));
    });
    line.classList.toggle("open", isOpen);
    return more ? [line, more] : [line];
  }
  function open(row, id) {
    const { reason, chapters } = row;
    const list = chapters.length > 0 && make("div", {}, make("h2", { text: "Chapters" }), make("ol", { class: "list" },
      ...chapters.map(([start, title, share], index) => make("li", {}, make("time", { text: clock(start) }), make("bdi", { text: title, dir: "auto" }),
        index > 0 && share !== null ? confidence(share, "Confidence of this start") : make("span")))),
      make("div", { class: "buttons" }, copier("Copy chapters", () => chapters.map(([start, title]) => `${clock(start)} ${title}`).join("\n"))));
    const lines = (name, texts) => texts.length > 0 && make("div", {}, make("h2", { text: name }),
      make("ul", {}, ...texts.map((text) => make("li", { text, dir: "auto" }))));
    const side = make("div", { class: "side" },
      reason && make("div", { class: "problem" }, ...[row.stage && row.state === "failed" && `${reason.what} (${row.stage})` || reason.what, reason.why, reason.hint]
        .filter(Boolean).map((text) => make("p", { text }))),
      row.command && make("div", {}, make("h2", { text: { failed: "Try again", waiting: "Draft this file" }[row.state] ?? "Change the chapters" }),
        make("div", { class: "copy" }, make("code", { text: row.command, tabindex: "0" }), copier("Copy", () => row.command, "Copy the command"))),
      lines("Notes", row.notes), lines("Results", row.outputs), lines("Words", [[row.words, row.language].filter(Boolean).join(", ")].filter(Boolean)));
    return make("tr", { class: `more ${row.state}`, id, role: "row" }, make("td", { colspan: COLUMNS.length, role: "cell" }, make("div", { class: list ? "inside" : "inside alone" }, list, side)));
  }
  function copier(name, textOf, label) {
    const button = make("button", { type: "button", text: name, ...(label ? { "aria-label": label } : {}) });
    button.addEventListener("click", async () => {
      const isCopied = await copy(textOf());
      button.textContent = isCopied ? "Copied" : "Not copied";
      setTimeout(() => { button.textContent = name; }, 1600);
    });
    return button;
  }
  async function copy(text) {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* an older way, where files may not use the clipboard */ }
    const field = make("textarea", { class: "unseen", "aria-hidden": "true" }), before = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    before?.focus();
    return isCopied;
  }

  /* The whole table. */
  function show() {
    const found = chosen(), size = view.isPrinted ? MOST_PRINTED : PAGE;
    view.at = Math.min(view.at, Math.max(0, Math.ceil(found.length / size) - 1));
    const first = view.isPrinted ? 0 : view.at * size, part = found.slice(first, first + size);
    $("rows").replaceChildren(...part.flatMap(draw));
    $("files").hidden = !found.length;
    $("none").hidden = found.length > 0;
    $("found").textContent = found.length === rows.length ? "" : `${counted(found.length, "file", "files")} of ${rows.length.toLocaleString("en")}`;
    $("pages").hidden = found.length <= size;
    $("at").textContent = `${(first + 1).toLocaleString("en")}–${(first + part.length).toLocaleString("en")} of ${found.length.toLocaleString("en")}`;
    $("back").disabled = view.at === 0;
    $("on").disabled = first + part.length >= found.length;
    for (const head of $("columns").children) {
      if (head.dataset.key === view.key) head.setAttribute("aria-sort", view.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    $("by").value = view.key;
    for (const each of $("states").children) each.setAttribute("aria-pressed", String(each.dataset.is === view.state));
  }
  function set(changes) { Object.assign(view, { at: 0 }, changes); show(); }
  function sortBy(key) { set({ key, down: key === view.key ? !view.down : false }); }
  function turn(by) { set({ at: view.at + by }); $("files").scrollIntoView(); $("files").focus({ preventScroll: true }); }

  function start() {
    const length = rows.reduce((sum, row) => sum + row.duration, 0), n = rows.reduce((sum, row) => sum + row.chapters.length, 0);
    const nWaiting = rows.filter((row) => row.state === "waiting").length;
    const counts = `${counted(n, "chapter", "chapters")} in ${counted(rows.length - nWaiting, "file", "files")}`
      + (nWaiting ? `, ${nWaiting.toLocaleString("en")} not done yet` : "");
    $("heading").textContent = folder || counts;
    document.title = folder ? `${folder}: ${counts}` : counts;
    const nLeft = nAll - rows.length;
    $("facts").textContent = [folder && counts, length && `${long(length)} of media`, made,
      nLeft && `${nLeft.toLocaleString("en")} more files are in the .jsonl file only`].filter(Boolean).join(" · ");
    $("foot").textContent = `Made by chapterize ${version}. Everything is in this file; it loads nothing.`;
    for (const [key, [name, fits]] of Object.entries(GROUPS)) {
      const count = rows.filter(fits).length;
      if (!count && ["kept", "waiting"].includes(key)) continue;
      $("states").append(make("button", { type: "button", "data-is": key, "data-n": count, "aria-pressed": "false", on: { click: () => set({ state: key }) } },
        make("b", { text: count.toLocaleString("en") }), make("span", { text: name })));
    }
    for (const { key, name } of COLUMNS) {
      $("columns").append(make("th", { class: `c-${key === "looks" ? "look" : key}`, scope: "col", role: "columnheader", "data-key": key, "data-name": name },
        make("button", { type: "button", text: name, on: { click: () => sortBy(key) } })));
      $("by").append(make("option", { value: key, text: name }));
    }
    $("find").addEventListener("input", () => set({ text: $("find").value }));
    $("by").addEventListener("change", () => set({ key: $("by").value, down: false }));
    $("all").addEventListener("click", () => {
      view.isAll = !view.isAll;
      opened.clear();
      $("all").setAttribute("aria-pressed", String(view.isAll));
      show();
    });
    $("reset").addEventListener("click", () => { $("find").value = ""; set({ text: "", state: "all" }); $("find").focus(); });
    $("back").addEventListener("click", () => turn(-1));
    $("on").addEventListener("click", () => turn(1));
    document.addEventListener("keydown", (event) => {
      const isTyping = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName);
      if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); $("find").focus(); }
      if (event.key === "Escape" && document.activeElement === $("find")) { $("find").value = ""; set({ text: "" }); }
    });
    addEventListener("beforeprint", () => { view.isPrinted = true; show(); });
    addEventListener("afterprint", () => { view.isPrinted = false; show(); });
    $("app").hidden = false;
    show();
    document.body.dataset.state = "ready";
  }
  start();
})();
