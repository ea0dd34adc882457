"use strict";
// One sample drawn: picture, context, dialogue, findings, the raw reply and what it cost.
{
  const { el } = datagen;
  const named = (told) => Object.assign(Object.create(null), told);  // names come from outside: `constructor` is none of ours
  const TITLES = named({ captions: "Captions", boxes: "Boxes" });
  const ROLES = named({ human: "human", user: "human", gpt: "model", assistant: "model", system: "system" });

  const section = (title, ...inner) => el("section", {}, el("h3", {}, title), ...inner);

  const context = (sample) => {
    if (!sample.context.length) return null;
    const slot = datagen.slots(sample.image.boxes);
    const line = (each) => {
      if (each.box === undefined) return el("li", { dir: "auto" }, ...datagen.pieces(each.text));
      const made = el("li", { class: "of-box", tabindex: 0, "data-b": each.box });
      made.append(el("span", { class: "number" }, String(each.box + 1)), datagen.swatch(slot(sample.image.boxes[each.box][0])), el("code", {}, ...datagen.pieces(each.text)));
      return made;
    };
    return el("div", { class: "context" }, ...sample.context.map((each) => section(`${TITLES[each.sight] || each.sight}, as sent`,
      el("ol", { class: each.sight === "boxes" ? "lines boxed" : "lines", tabindex: 0, "aria-label": TITLES[each.sight] || each.sight }, ...each.lines.map(line)))));
  };

  const plain = (message) => message.text.map((piece) => (typeof piece === "string" ? piece : piece.t)).join("");

  // Beside another run's, what both say in the same place steps back.
  const dialogue = (sample, beside) => {
    if (!sample.messages.length) return null;
    const same = (message, at) => Boolean(beside && beside.messages[at]) && plain(beside.messages[at]) === plain(message);
    return el("section", { class: "dialogue", "aria-label": "Dialogue" }, ...sample.messages.map((message, at) => {
      const role = ROLES[message.role] || message.role;
      return el("div", { class: `said ${role === "human" ? "human" : role === "system" ? "system" : "model"}${same(message, at) ? " same" : ""}` },
        el("span", { class: "role" }, role, same(message, at) ? " · the same in both" : ""), el("p", { dir: "auto" }, ...datagen.pieces(message.text)));
    }));
  };

  // With a number it points at its words in the dialogue; one of the whole file has none.
  const finding = (told, number = null) => el("li", { class: `finding ${["error", "warning"].includes(told.level) ? told.level : "info"}`, "data-points": number, tabindex: number === null ? null : 0 },
    el("p", { class: "head" }, el("span", { class: "level" }, told.level), " ", el("b", {}, told.check), " ", el("span", { class: "soft" }, [told.code, told.where].filter(Boolean).join(" · ")), told.target ? ` · ${told.target}` : ""),
    el("p", { dir: "auto" }, told.message),
    told.words && !told.message.includes(told.words) ? el("blockquote", { dir: "auto" }, told.words) : null,
    el("p", { class: "soft small" }, told.about));

  datagen.finding = finding;

  const LEVELS = ["error", "warning"];
  const weight = (told) => (LEVELS.includes(told.level) ? LEVELS.indexOf(told.level) : LEVELS.length);

  const findings = (sample) => {
    if (sample.state === "failed") return section("Why there is no answer", el("p", { class: "trouble", dir: "auto" }, `${sample.reason}: ${sample.message}`));
    if (!sample.findings.length) return null;
    return section(`Findings (${sample.findings.length})`, el("ol", { class: "findings" }, ...sample.findings.map((told, number) => [told, number]).sort((a, b) => weight(a[0]) - weight(b[0])).map(([told, number]) => finding(told, number))));
  };

  const raw = (sample) => {
    if (!sample.reply.length) return null;
    const made = el("details", { class: "raw" }, el("summary", {}, sample.attempts.length ? "Raw reply" : "The record"), el("pre", { tabindex: 0, dir: "auto" }, ...datagen.pieces(sample.reply)));
    made.open = !sample.messages.length;
    return made;
  };

  const pair = (name, value) => (value === null || value === undefined || value === "" ? [] : [el("dt", {}, name), el("dd", {}, String(value))]);

  const facts = (sample) => {
    const { told } = sample;
    const tokens = told.prompt_tokens === undefined || told.prompt_tokens === null ? null : `${datagen.count(told.prompt_tokens)} in, ${datagen.count(told.completion_tokens)} out`;
    const rows = [pair("Model", told.model), pair("Ended with", told.finish), pair("Refusal", told.refusal), pair("Tokens", tokens),
      sample.attempts.length ? pair("Cost", datagen.dollars(told.cost)) : [],
      pair("Attempts", sample.attempts.length ? `${sample.attempts.length}${told.repaired ? ", mended by the model when told what is wrong" : ""}` : null),
      pair("Provider's id", told.request_id), pair("Request, sha256", told.request), pair("Draw", sample.draw || null)].flat();
    return rows.length ? section("What it took", el("dl", { class: "facts" }, ...rows), attempts(sample)) : null;
  };

  const attempts = (sample) => {
    if (sample.attempts.length < 2) return null;
    const row = (each) => el("tr", {}, ...[`${each.outcome}${each.repair ? ", a repair" : ""}`, each.reason || "",
      each.ended === null ? "" : `${(each.ended - each.sent).toFixed(1)} s`,
      each.prompt_tokens === null ? "" : `${datagen.count(each.prompt_tokens)} / ${datagen.count(each.completion_tokens)}`,
      datagen.dollars(each.cost), each.message || ""].map((cell) => el("td", {}, cell)));
    return el("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Attempts" }, el("table", {}, el("thead", {}, el("tr", {}, ...["Outcome", "Reason", "Time", "Tokens", "Cost", "Message"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, ...sample.attempts.map(row))));
  };

  const column = (sample, title, beside = null) => el("div", { class: "column" },
    title ? el("h3", { class: "whose" }, title, " ", datagen.pill(sample.state, sample.reason)) : null,
    findings(sample), dialogue(sample, beside), raw(sample), facts(sample));

  datagen.draw = (sample, site, source) => {
    const compared = site.other !== null && site.other !== undefined;
    const title = sample.task ? datagen.words(sample.task) : `record ${sample.key}`;
    const head = el("header", { class: "masthead" },
      el("div", { class: "titles" }, el("h2", {}, title, " ", datagen.pill(sample.state, sample.reason)),
        el("p", { class: "soft small" }, el("a", { class: "id", href: source.address(sample.key, {}), title: "Permalink" }, sample.id || sample.key))));
    const columns = compared
      ? [column(sample, site.name, sample.beside), sample.beside ? column(sample.beside, site.other.name, sample) : el("div", { class: "column" }, el("h3", { class: "whose" }, site.other.name), el("p", { class: "blank" }, "This run did not ask that of this picture."))]
      : [column(sample, "")];
    return [head, el("div", { class: `spread${compared ? " compared" : ""}` },
      el("div", { class: "column seen" }, datagen.picture(sample, source.picture(sample.key)), context(sample)), ...columns)];
  };
}
