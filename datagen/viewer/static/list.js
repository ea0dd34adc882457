"use strict";
// The list on the left: filters, what was found, a page more when its end comes into sight.
{
  const { el } = datagen;
  const KINDS = [["state", "State"], ["task", "Type"], ["check", "Check"], ["category", "Object"], ["label", "Verdict"]];
  const LABELS = { keep: "keep", reject: "reject", note: "note only" };

  datagen.List = class {
    constructor(source, site, open) {
      Object.assign(this, { source, site, open, items: [], rows: new Map(), wanted: {}, total: undefined, first: 0, ended: false, loading: null });
      this.list = document.getElementById("list");
      this.scroll = document.getElementById("scroll");
      this.counted = document.getElementById("count");
      this.input = document.getElementById("q");
      this.selects = {};
      for (const [kind, title] of KINDS) {
        const select = el("select", { name: kind, id: `filter-${kind}`, "aria-label": title, on: { change: () => this.chosen() } });
        this.selects[kind] = select;
        document.getElementById("filters").append(select);
        this.fill(kind, title, []);
      }
      this.end = el("li", { class: "end", "aria-hidden": "true" });
      new IntersectionObserver((seen) => { if (seen.some((each) => each.isIntersecting)) this.more(); }, { root: null, rootMargin: "400px" }).observe(this.end);
      this.input.addEventListener("input", () => { clearTimeout(this.typing); this.typing = setTimeout(() => this.chosen(), 110); });
      document.getElementById("wanted").addEventListener("submit", (event) => { event.preventDefault(); this.chosen(); });
      document.getElementById("clear").addEventListener("click", () => this.clear());
    }

    fill(kind, title, pairs) {
      const select = this.selects[kind];
      if (document.activeElement === select && select.options.length > 1) return;  // somebody is choosing
      const chosen = this.wanted[kind] || select.value;
      const name = (value, more) => {
        if (more) return `${value} ${more}`;
        if (kind === "state") return (datagen.STATES[value] || ["", value])[1];
        return kind === "label" ? LABELS[value] || value : datagen.words(value);
      };
      const options = pairs.map(([value, count, more]) => el("option", { value }, `${name(value, more)} (${datagen.count(count)})`));
      if (kind === "label" && pairs.length) options.push(el("option", { value: "any" }, "any verdict"), el("option", { value: "none" }, "no verdict"));
      if (chosen && !options.some((option) => option.value === chosen)) options.push(el("option", { value: chosen }, name(chosen)));
      select.replaceChildren(el("option", { value: "" }, title), ...options);
      select.value = chosen || "";
      select.hidden = !options.length;
      select.classList.toggle("set", Boolean(select.value));
    }

    facets(told) {
      for (const [kind, title] of KINDS) this.fill(kind, title, told[kind] || []);
    }

    // What checks say of the whole file: above its records.
    whole(findings) {
      const at = document.getElementById("whole");
      at.hidden = !findings.length;
      document.getElementById("whole-count").textContent = `${datagen.count(findings.length)} ${findings.length === 1 ? "finding" : "findings"} of the whole file`;
      document.getElementById("whole-list").replaceChildren(...findings.map((each) => datagen.finding(each)));
    }

    read() {
      const told = { q: this.input.value.trim() ? this.input.value : "" };
      for (const [kind] of KINDS) told[kind] = this.selects[kind].value;
      return Object.fromEntries(Object.entries(told).filter(([, value]) => value));
    }

    show(wanted) {
      this.wanted = wanted;
      this.input.value = wanted.q || "";
      for (const [kind, title] of KINDS) {
        const select = this.selects[kind];
        if (wanted[kind] && ![...select.options].some((option) => option.value === wanted[kind])) this.fill(kind, title, [[wanted[kind], 0]]);
        select.value = wanted[kind] || "";
        select.classList.toggle("set", Boolean(select.value));
      }
    }

    clear() {
      this.show({});
      this.chosen();
      this.input.focus();
    }

    chosen() {
      this.wanted = this.read();
      for (const select of Object.values(this.selects)) select.classList.toggle("set", Boolean(select.value));
      this.open.wanted(this.wanted);
      return this.load(null);
    }

    // The list anew; around a sample where one is open.
    async load(around) {
      if (this.loading) this.loading.abort();
      const mine = new AbortController();
      this.loading = mine;
      try {
        const told = await this.source.list(this.wanted, around ? { around } : {}, mine.signal);
        this.first = told.before || 0;
        this.total = told.count;
        this.items = [];
        this.rows.clear();
        this.list.replaceChildren(this.end);
        this.add(told.items);
        this.ended = told.items.length === 0;
        if (!around) this.scroll.scrollTop = 0;
        this.head();
        this.mark(this.current, around ? "center" : "nearest");
      } catch (error) {
        if (error.name !== "AbortError") datagen.say(error.message);
      } finally {
        if (this.loading === mine) this.loading = null;
      }
    }

    head() {
      const set = Object.keys(this.wanted).length > 0;
      if (this.total === undefined) return;
      this.counted.textContent = `${datagen.count(this.total)} ${this.total === 1 ? "sample" : "samples"}${set ? ` of ${datagen.count(this.size || this.total)}` : ""}`;
      document.getElementById("clear").hidden = !set;
    }

    add(items) {
      const made = items.map((item) => {
        const row = this.row(item);
        this.rows.set(item.key, row);
        return row;
      });
      this.items.push(...items);
      this.end.before(...made);
    }

    row(item) {
      const thumb = el("img", { class: "thumb", src: item.thumb === "" ? null : this.source.thumb(item.key), alt: "", loading: "lazy", decoding: "async" });
      thumb.addEventListener("error", () => thumb.replaceWith(el("span", { class: "thumb none", "aria-hidden": "true" })));
      const name = item.task ? datagen.words(item.task) : item.id || `record ${item.key}`;
      const link = el("a", { href: this.source.address(item.key, this.wanted) }, thumb,
        el("span", { class: "what" },
          el("span", { class: "top" }, el("span", { class: "task" }, name), datagen.pill(item.state), item.label ? el("span", { class: `pill mine ${item.label}` }, LABELS[item.label] || item.label) : null),
          el("span", { class: "line", dir: "auto" }, item.line || item.reason || "not asked yet"),
          el("span", { class: "file" }, item.reason && item.line ? `${item.reason} · ${item.file}` : item.file)));
      link.addEventListener("click", (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
        event.preventDefault();
        this.open.sample(item.key);
      });
      return el("li", {}, link);
    }

    refresh(item) {
      const at = this.items.findIndex((each) => each.key === item.key);
      if (at < 0) return;
      const fresh = this.row({ ...this.items[at], ...item });
      this.items[at] = { ...this.items[at], ...item };
      this.rows.get(item.key).replaceWith(fresh);
      this.rows.set(item.key, fresh);
      this.mark(this.current);
    }

    // A page more; who asks while one is on its way waits for that.
    more() {
      if (!this.paging) this.paging = this.further().finally(() => { this.paging = null; });
      return this.paging;
    }

    async further() {
      if (this.loading || this.ended || !this.items.length) return;
      try {
        const told = await this.source.list(this.wanted, { after: this.items.at(-1).n });
        this.ended = told.items.length === 0;
        this.add(told.items);
        this.mark(this.current);
      } catch (error) {
        datagen.say(error.message);
      }
    }

    async earlier() {
      if (!this.items.length || this.first === 0) return;
      const told = await this.source.list(this.wanted, { before: this.items[0].n });
      const made = told.items.map((item) => { const row = this.row(item); this.rows.set(item.key, row); return row; });
      this.items.unshift(...told.items);
      this.first = Math.max(0, this.first - told.items.length);
      this.list.prepend(...made);
    }

    mark(key, block = "nearest") {
      this.current = key;
      for (const link of this.list.querySelectorAll("a[aria-current]")) link.removeAttribute("aria-current");
      const row = key ? this.rows.get(key) : null;
      if (!row) return;
      row.firstChild.setAttribute("aria-current", "page");
      row.scrollIntoView({ block });
    }

    // "12 of 48", or nothing where the sample is not in the list.
    place(key) {
      const at = this.items.findIndex((item) => item.key === key);
      return at < 0 ? "" : `${datagen.count(this.first + at + 1)} of ${datagen.count(this.total)}`;
    }

    async neighbour(key, step) {
      let at = this.items.findIndex((item) => item.key === key);
      if (at < 0) return this.items.length ? this.items[0].key : null;
      if (at + step >= this.items.length) await this.more();
      if (at + step < 0) { await this.earlier(); at = this.items.findIndex((item) => item.key === key); }
      const next = this.items[at + step];
      return next ? next.key : null;
    }
  };
}
