"use strict";
// Before anything is drawn: the theme that was chosen here, if one was.
(() => {
  let chosen = "";
  try { chosen = localStorage.getItem("datagen-theme") || ""; } catch { /* no storage: the system's theme */ }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
