// Loaded before the style is applied, so that a chosen theme does not flash in the other one.
try {
  const theme = localStorage.getItem("chapterize.theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* A browser that keeps nothing follows the system. */ }
