"use strict";
// Where lists and samples come from: this server, or what was put into an exported page.
{
  const asked = async (address, more = {}) => {
    const got = await fetch(address, { credentials: "same-origin", ...more });
    const told = await got.json();
    if (!got.ok) throw new Error(told.error || `the server said ${got.status}`);
    return told;
  };

  const query = (wanted, more) => {
    const told = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...wanted, ...more })) if (value !== "" && value !== null && value !== undefined) told.set(name, value);
    return told.toString();
  };

  datagen.server = {
    list: (wanted, more, signal) => asked(`/api/list?${query(wanted, more)}`, { signal }),
    sample: (key, signal) => asked(`/api/sample/${encodeURIComponent(key)}`, { signal }),
    status: (seen) => asked(`/api/status?${query({ seen })}`),
    label: (key, verdict, note, token) => asked(`/api/label/${encodeURIComponent(key)}`, {
      method: "POST", body: JSON.stringify({ verdict, note }),
      headers: { "content-type": "application/json", "x-datagen-token": token },
    }),
    picture: (key) => `/picture/${encodeURIComponent(key)}`,
    thumb: (key) => `/thumb/${encodeURIComponent(key)}`,
    address: (key, wanted) => `${key === null ? "/" : `/s/${encodeURIComponent(key)}`}${query(wanted) ? `?${query(wanted)}` : ""}`,
    key: () => (location.pathname.startsWith("/s/") ? decodeURIComponent(location.pathname.slice(3)) : null),
    wanted: () => Object.fromEntries(new URLSearchParams(location.search)),
    token: () => {
      const given = /^#token=([\w-]+)$/.exec(location.hash);
      try {
        if (given) sessionStorage.setItem("datagen-token", given[1]);
        if (given) localStorage.setItem(`datagen-token-${location.port}`, given[1]);
        if (given) history.replaceState(null, "", location.pathname + location.search);
        return sessionStorage.getItem("datagen-token") || localStorage.getItem(`datagen-token-${location.port}`) || "";
      } catch {
        return given ? given[1] : "";
      }
    },
  };

  // The same, over what stands in the page.
  datagen.embedded = (kept) => {
    const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    const text = (pieces) => pieces.map((piece) => (typeof piece === "string" ? piece : piece.t)).join("");
    const written = new Map();
    const words = (key) => {
      if (!written.has(key)) {
        const sample = kept.samples[key];
        const parts = [sample.key, sample.id, sample.image.name, text(sample.reply),
          ...sample.messages.map((each) => text(each.text)), ...sample.context.flatMap((each) => each.lines.map((line) => text(line.text)))];
        written.set(key, fold(parts.join("\n")));
      }
      return written.get(key);
    };
    const fits = (item, wanted) => {
      const typed = fold(wanted.q || "").match(/"[^"]*"?|\S+/g) || [];
      if (wanted.state && item.state !== wanted.state) return false;
      if (wanted.task && item.task !== wanted.task) return false;
      if (wanted.check && !kept.samples[item.key].findings.some((each) => each.code === wanted.check)) return false;
      if (wanted.category && !kept.samples[item.key].image.boxes.some((box) => box[0] === wanted.category)) return false;
      return typed.every((word) => words(item.key).includes(word.replaceAll('"', "")));
    };
    return {
      list: async (wanted, more) => {
        const items = kept.items.filter((item) => fits(item, wanted));
        if ("before" in more) return { items: [] };
        if ("after" in more) return { items: items.filter((item) => item.n > more.after).slice(0, 60) };
        const at = more.around ? items.findIndex((item) => item.key === more.around) : -1;
        return { items: items.slice(0, Math.max(60, at + 40)), count: items.length, before: 0 };
      },
      sample: async (key) => {
        if (!Object.hasOwn(kept.samples, key)) throw new Error("this sample is not among those that were exported");
        return kept.samples[key];
      },
      status: async () => ({ changes: 0, done: kept.items.length, size: kept.items.length, live: false, facets: kept.facets, whole: kept.whole }),
      label: async () => { throw new Error("an exported page keeps no labels"); },
      picture: (key) => kept.pictures[key] || "",
      thumb: (key) => kept.pictures[key] || "",
      address: (key, wanted) => `#${key === null ? "" : encodeURIComponent(key)}${query(wanted) ? `?${query(wanted)}` : ""}`,
      key: () => decodeURIComponent(location.hash.slice(1).split("?")[0]) || null,
      wanted: () => Object.fromEntries(new URLSearchParams(location.hash.split("?")[1] || "")),
      token: () => "",
    };
  };
}
