"use strict";
// Elements made by hand. Texts only ever become text: nothing here parses markup.
const datagen = {};

datagen.el = (tag, told = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(told)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "on") for (const [event, call] of Object.entries(value)) made.addEventListener(event, call);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
};

datagen.svg = (tag, told = {}, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(told)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
};

// Pieces of a text (pieces.py) → nodes; words that speak of boxes can be pointed at and focused.
datagen.pieces = (told) => told.map((piece) => {
  if (typeof piece === "string") return document.createTextNode(piece);
  if (piece.o) return datagen.el("span", { class: "unseen", title: "a character that is not to be seen" }, piece.t);
  const made = datagen.el(piece.f ? "mark" : "span", {}, piece.t);
  if (piece.f) made.dataset.f = piece.f.join(" ");
  if (piece.b) {
    made.dataset.b = piece.b.join(" ");
    made.classList.add("speaks");
    made.tabIndex = 0;
  }
  return made;
});

datagen.count = (number) => Number(number).toLocaleString("en");

datagen.words = (name) => name.replaceAll("_", " ");

datagen.dollars = (amount) => {
  if (amount === null || amount === undefined) return "unknown";
  if (amount === 0) return "$0";
  return amount < 0.01 ? `$${amount.toPrecision(3)}` : `$${amount.toFixed(4)}`;
};

datagen.STATES = {
  kept: ["✓", "kept"], clean: ["✓", "clean"], rejected: ["✕", "rejected"], error: ["✕", "errors"],
  warning: ["!", "warnings"], failed: ["!", "failed"], pending: ["…", "pending"],
};

datagen.pill = (state, reason) => {
  const [sign, word] = datagen.STATES[state] || ["·", state];
  return datagen.el("span", { class: `pill ${datagen.STATES[state] ? state : ""}` },
    datagen.el("span", { "aria-hidden": "true" }, sign), ` ${word}`, reason ? `: ${reason}` : "");
};

datagen.say = (text) => {
  const at = document.getElementById("said");
  at.textContent = text;
  clearTimeout(datagen.say.timer);
  datagen.say.timer = setTimeout(() => { at.textContent = ""; }, 4000);
};
