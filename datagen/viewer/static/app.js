"use strict";
// The page as a whole: what is open, the keys, light on boxes and words, verdicts, and news of a run at work.
{
  const { el } = datagen;
  const first = JSON.parse(document.getElementById("first").textContent);
  const keptAt = document.getElementById("kept");
  const source = keptAt ? datagen.embedded(JSON.parse(keptAt.textContent)) : datagen.server;
  const { site } = first;
  const main = document.getElementById("sample");
  const token = source.token();
  const ready = new Map(first.sample ? [[first.sample.key, first.sample]] : []);
  const writes = site.writes && token !== "";
  let key = null;
  let sample = null;
  let pinned = null;
  let seen = null;

  const list = new datagen.List(source, site, {
    sample: (next) => go(next),
    wanted: () => history.replaceState(null, "", source.address(key, list.wanted)),
  });

  // ── opening ──
  const fetched = async (wanted) => {
    if (ready.has(wanted)) return ready.get(wanted);
    const told = await source.sample(wanted);
    if (ready.size > 40) ready.delete(ready.keys().next().value);
    ready.set(wanted, told);
    return told;
  };

  const go = async (next, { record = true } = {}) => {
    key = next;
    document.body.dataset.view = next ? "sample" : "list";
    if (record) history.pushState(null, "", source.address(next, list.wanted));
    list.mark(next);
    if (next === null) { sample = null; welcome(); return; }
    try {
      const told = await fetched(next);
      if (key === next) show(told);
    } catch (error) {
      if (key === next) main.replaceChildren(el("p", { class: "blank" }, error.message));
    }
  };

  const show = (told) => {
    sample = told;
    pinned = null;
    document.title = `${told.id || told.key} · ${site.name}`;
    const [head, ...rest] = datagen.draw(told, site, source);
    head.append(el("div", { class: "turning" },
      el("button", { type: "button", class: "back", on: { click: () => go(null) } }, "All samples"),
      el("span", { class: "soft small", id: "place" }, list.place(told.key)),
      el("button", { type: "button", "aria-label": "Previous sample", title: "k", on: { click: () => step(-1) } }, "↑"),
      el("button", { type: "button", "aria-label": "Next sample", title: "j", on: { click: () => step(1) } }, "↓")));
    main.replaceChildren(head, verdicts(told), ...rest);
    main.scrollTop = 0;
    if (matchMedia("(max-width: 820px)").matches) scrollTo(0, 0);
    prefetch();
  };

  const prefetch = async () => {
    const at = list.items.findIndex((item) => item.key === key);
    const next = at >= 0 && list.items[at + 1];
    if (next && !ready.has(next.key)) fetched(next.key).catch(() => {});
  };

  const step = async (by) => {
    const next = await list.neighbour(key, by);
    if (next && next !== key) await go(next);
  };

  const welcome = () => {
    document.title = site.name;
    main.replaceChildren(el("div", { class: "blank" }, el("p", {}, "Choose a sample on the left, or press ", el("kbd", {}, "j"), "."), el("p", { class: "soft small" }, "? shows all keys.")));
  };

  // ── light: a box, its line, the words that speak of it ──
  const boxesOf = (node) => (node && node.dataset && node.dataset.b !== undefined ? new Set(node.dataset.b.split(" ")) : null);

  const light = (boxes) => {
    main.classList.toggle("lighting", boxes !== null);
    for (const each of main.querySelectorAll("[data-b]")) each.classList.toggle("lit", boxes !== null && each.dataset.b.split(" ").some((box) => boxes.has(box)));
  };

  const point = (node) => {
    const number = node ? node.dataset.points : undefined;
    for (const each of main.querySelectorAll("mark[data-f]")) each.classList.toggle("lit", number !== undefined && each.closest(".column") === node.closest(".column") && each.dataset.f.split(" ").includes(number));
  };

  const over = (target) => {
    if (!(target instanceof Element)) return;
    const node = target.closest("[data-b]");
    light(node ? boxesOf(node) : rest());
    point(target.closest("[data-points]"));
  };
  // What stays lit when nothing is pointed at: where the keyboard is, else what was held.
  const rest = () => {
    const at = document.activeElement;
    return (main.contains(at) && at.matches(":focus-visible") ? boxesOf(at) : null) || pinned;
  };
  main.addEventListener("pointerover", (event) => over(event.target));
  main.addEventListener("pointerleave", () => { light(rest()); point(null); });
  main.addEventListener("focusin", (event) => over(event.target));
  main.addEventListener("focusout", () => { light(pinned); point(null); });
  main.addEventListener("click", (event) => {
    const node = event.target instanceof Element ? event.target.closest("[data-b]") : null;
    if (!node) return;
    const same = pinned && node.dataset.b.split(" ").every((box) => pinned.has(box));
    pinned = same ? null : boxesOf(node);
    light(pinned);
  });

  // ── verdicts ──
  const verdicts = (told) => {
    if (!site.writes) return el("div", { class: "verdicts none" });
    const now = told.label || { verdict: null, note: "" };
    const button = (verdict, word, hotkey) => el("button", { type: "button", class: `verdict ${verdict}`, "aria-pressed": String(now.verdict === verdict), disabled: !writes, title: hotkey, on: { click: () => judge(now.verdict === verdict ? null : verdict) } }, word, " ", el("kbd", { "aria-hidden": "true" }, hotkey));
    return el("div", { class: "verdicts", role: "group", "aria-label": "Your verdict" },
      button("keep", "Keep", "y"), button("reject", "Reject", "x"),
      el("button", { type: "button", class: "verdict note", disabled: !writes, title: "n", on: { click: () => takeNote() } }, now.note ? "Edit note" : "Note", " ", el("kbd", { "aria-hidden": "true" }, "n")),
      now.note ? el("span", { class: "noted", dir: "auto" }, now.note) : null,
      writes ? null : el("span", { class: "soft small" }, "to label, open the address that was printed: it holds the token"));
  };

  const judge = async (verdict, note = null) => {
    if (!sample || !writes) { if (site.writes) datagen.say("to label, open the address that datagen view printed"); return; }
    const about = sample;
    try {
      about.label = await source.label(about.key, verdict, note === null ? (about.label ? about.label.note : "") : note, token);
      list.refresh({ key: about.key, label: about.label.verdict || (about.label.note ? "note" : "") });
      datagen.say(verdict ? `written to labels.jsonl: ${verdict}` : "written to labels.jsonl");
      if (sample === about) main.querySelector(".verdicts").replaceWith(verdicts(about));
    } catch (error) {
      datagen.say(error.message);
    }
  };

  const noting = document.getElementById("noting");
  const takeNote = () => {
    if (!sample || !writes) return;
    document.getElementById("note").value = sample.label ? sample.label.note : "";
    noting.showModal();
  };
  document.getElementById("note-close").addEventListener("click", () => noting.close());
  document.getElementById("note-keep").addEventListener("click", () => {
    noting.close();
    judge(sample && sample.label ? sample.label.verdict : null, document.getElementById("note").value);
  });

  // ── keys ──
  const help = document.getElementById("help");
  const keys = {
    j: ["the next sample", () => step(1)],
    k: ["the one before", () => step(-1)],
    "/": ["search", () => { showList(); list.input.focus(); list.input.select(); }],
    f: ["filter", () => { showList(); Object.values(list.selects).find((each) => !each.hidden)?.focus(); }],
    c: ["show all again", () => list.clear()],
    b: ["boxes on or off", () => main.classList.toggle("unboxed")],
    ...(site.kind === "file" ? { w: ["what is said of the whole file", () => { showList(); const at = document.getElementById("whole"); at.open = !at.open; }] } : {}),
    r: ["the raw reply", () => { for (const each of main.querySelectorAll("details.raw")) each.open = !each.open; }],
    ...(site.writes ? {
      y: ["verdict: keep", () => judge(sample && sample.label && sample.label.verdict === "keep" ? null : "keep")],
      x: ["verdict: reject", () => judge(sample && sample.label && sample.label.verdict === "reject" ? null : "reject")],
      n: ["verdict: a note", () => takeNote()],
    } : {}),
    t: ["light or dark", () => turn()],
    "?": ["these keys", () => help.showModal()],
  };
  const showList = () => { if (matchMedia("(max-width: 820px)").matches) go(null); };
  document.getElementById("keys").append(...Object.entries(keys).flatMap(([name, [what]]) => [el("dt", {}, el("kbd", {}, name)), el("dd", {}, what)]),
    el("dt", {}, el("kbd", {}, "Esc")), el("dd", {}, "let go of what is held or typed in"));
  document.getElementById("ask").addEventListener("click", () => help.showModal());
  document.getElementById("help-close").addEventListener("click", () => help.close());

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target instanceof Element && event.target.matches("input, textarea, select");
    if (event.key === "Escape") {
      if (typing) event.target.blur();
      pinned = null;
      light(null);
    } else if (typing) {
      if (event.key === "Enter" && event.target.id === "q") { event.target.blur(); if (list.items.length) go(list.items[0].key); }
    } else if (Object.hasOwn(keys, event.key)) {
      event.preventDefault();
      keys[event.key][1]();
    }
  });

  // ── theme ──
  const turn = () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("datagen-theme", root.dataset.theme); } catch { /* it holds for this page only */ }
  };
  document.getElementById("theme").addEventListener("click", turn);

  // ── news ──
  const news = async () => {
    try {
      const told = await source.status(seen);
      if (told.changes !== seen) {
        const before = seen;
        seen = told.changes;
        list.size = told.done;
        list.facets(told.facets);
        list.whole(told.whole);
        list.head();
        live(told);
        if (before !== null) await grown();
      }
    } catch {
      document.getElementById("live").textContent = "the viewer has stopped";
    }
  };

  const live = (told) => {
    const at = document.getElementById("live");
    at.className = told.live ? "going" : "";
    const answered = told.facets.state.reduce((sum, [state, count]) => sum + (state === "pending" ? 0 : count), 0);
    const reading = told.done < told.size ? `${datagen.count(told.done)} of ${datagen.count(told.size)} read` : "";
    at.textContent = told.trouble || [told.live ? `at work: ${datagen.count(answered)} of ${datagen.count(told.size)} answered` : "", reading].filter(Boolean).join(" · ");
  };

  // What is open keeps its place; the list grows at its end, or is read anew while nobody is in it.
  const grown = async () => {
    ready.clear();
    if (sample) ready.set(sample.key, sample);
    if (list.scroll.scrollTop < 40 && document.activeElement !== list.input) await list.load(key);
    else { list.ended = false; list.total = (await source.list(list.wanted, {})).count; list.head(); }
    if (sample && sample.state === "pending") { ready.delete(sample.key); const told = await fetched(sample.key); if (told.state !== "pending") show(told); }
    const place = document.getElementById("place");
    if (place && sample) place.textContent = list.place(sample.key);
  };

  const watch = async () => {
    if (!document.hidden) await news();
    if (!keptAt) setTimeout(watch, 1500);
  };

  // ── beginning ──
  document.getElementById("name").textContent = site.name;
  document.getElementById("about").textContent = [site.about.model, site.other ? `beside ${site.other.name}` : ""].filter(Boolean).join(" · ");
  document.getElementById("home").addEventListener("click", (event) => { event.preventDefault(); go(null); });
  const arrive = async () => {
    key = source.key();
    document.body.dataset.view = key ? "sample" : "list";
    list.show(source.wanted());
    if (key) go(key, { record: false }); else welcome();
    await list.load(key);
    const place = document.getElementById("place");
    if (place && sample) place.textContent = list.place(sample.key);
    if (key) prefetch();
  };
  addEventListener("popstate", async () => {
    const wanted = JSON.stringify(source.wanted());
    if (wanted !== JSON.stringify(list.wanted)) { await arrive(); return; }
    go(source.key(), { record: false });
  });
  arrive().then(watch);
}
