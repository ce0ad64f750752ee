// Runs before anything is drawn: the chosen theme, so that it does not flash in the other one, the
// token, the first request, and all modules at once instead of one import after the other.

{
  const kept = (storage, key) => { try { return storage().getItem(key) ?? ""; } catch { return ""; } };
  const theme = kept(() => localStorage, "chapterize.theme");
  if (theme) document.documentElement.dataset.theme = theme;

  // The token is in the address once; it is kept for reloads of this tab only.
  const take = () => {
    const [, given] = /(?:^#|&)token=([\w-]+)/.exec(location.hash) ?? [];
    if (!given) return "";
    try { sessionStorage.setItem("chapterize.token", given); } catch { /* No reloads then. */ }
    history.replaceState(null, "", location.pathname);
    return given;
  };
  const token = take() || kept(() => sessionStorage, "chapterize.token");

  const names = "actions api count details dialogs dom edits handles keys list main paint player publish pyramid saving store tasks texts time timeline transcript";
  const known = ["en", "zh"];
  const language = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => known.includes(tag)) ?? "en";
  const ask = (key) => fetch("/api/project", { headers: { "X-Chapterize-Token": key }, cache: "no-store" });
  globalThis.early = { take, ask, token, language, project: token ? ask(token) : null };
  early.project?.catch(() => {});
  for (const name of [...names.split(" "), `texts/${language}`]) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: `/static/js/${name}.js` }));
  }
}
