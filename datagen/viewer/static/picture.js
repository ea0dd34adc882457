"use strict";
// A picture and its boxes. Each category has a colour and a dash of its own, so that neither is needed to tell them apart.
{
  const COLOURS = 8;
  const DASHES = ["", "7 4", "2 3", "11 4 2 4", "14 5", "4 2", "9 3 3 3", "1 5"];

  const slots = (boxes) => {
    const order = [...new Set(boxes.map((box) => box[0]))];
    return (category) => order.indexOf(category);
  };

  datagen.dash = (slot) => DASHES[(slot + Math.floor(slot / COLOURS)) % DASHES.length];
  datagen.slots = slots;

  datagen.swatch = (slot) => datagen.svg("svg", { class: `swatch c${slot % COLOURS}`, viewBox: "0 0 22 8", "aria-hidden": "true" },
    datagen.svg("line", { x1: 1, y1: 4, x2: 21, y2: 4, "stroke-dasharray": datagen.dash(slot) }));

  const outline = (box, slot, number) => {
    const [, x1, y1, x2, y2] = box;
    const place = { x: x1 * 100, y: y1 * 100, width: Math.max(0, x2 - x1) * 100, height: Math.max(0, y2 - y1) * 100 };
    const made = datagen.svg("g", { class: `box c${slot % COLOURS}`, "data-b": number },
      datagen.svg("rect", { ...place, class: "under" }),
      datagen.svg("rect", { ...place, class: "over", "stroke-dasharray": datagen.dash(slot) }));
    return made;
  };

  const tag = (box, slot, number, few) => {
    const made = datagen.el("span", { class: `tag c${slot % COLOURS}${few ? "" : " brief"}`, "data-b": number, "aria-hidden": "true" },
      datagen.el("b", {}, String(number + 1)), datagen.el("span", {}, ` ${box[0]}`));
    // Near the right edge it hangs on its box's right side, so that it stays on the picture.
    if (box[1] > 0.66) made.style.setProperty("right", `${Math.min(Math.max(1 - box[3], 0), 0.97) * 100}%`);
    else made.style.setProperty("left", `${Math.max(box[1], 0) * 100}%`);
    made.style.setProperty("top", `${Math.min(Math.max(box[2], 0), 0.97) * 100}%`);
    if (box[2] < 0.05) made.classList.add("inside");
    return made;
  };

  const area = (box) => (box[3] - box[1]) * (box[4] - box[2]);

  datagen.picture = (sample, address) => {
    const { image } = sample;
    const slot = slots(image.boxes);
    const stage = datagen.el("div", { class: "stage" });
    const shape = (width, height) => {
      if (width > 0 && height > 0) stage.style.setProperty("--ratio", String(width / height));
    };
    shape(image.width, image.height);
    if (image.there) {
      const shown = datagen.el("img", { src: address, alt: `The picture ${image.name}`, decoding: "async" });
      shown.addEventListener("load", () => { if (!image.width) shape(shown.naturalWidth, shown.naturalHeight); });
      shown.addEventListener("error", () => { shown.remove(); stage.classList.add("frame"); });
      stage.append(shown);
    } else {
      stage.classList.add("frame");
    }
    const order = image.boxes.map((box, number) => [box, number]).sort((a, b) => area(b[0]) - area(a[0]));
    stage.append(datagen.svg("svg", { class: "boxes", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
      ...order.map(([box, number]) => outline(box, slot(box[0]), number))));
    stage.classList.toggle("crowded", image.boxes.length > 16);
    stage.append(...order.map(([box, number]) => tag(box, slot(box[0]), number, image.boxes.length <= 8)));
    // A file of training data tells neither sizes nor boxes: nothing is missing there.
    const size = image.width && image.height ? ` · ${image.width} × ${image.height}` : "";
    const boxes = size || image.boxes.length ? ` · ${image.boxes.length} boxes` : "";
    const lacks = image.there || !image.name ? "" : " · no picture here: give its folder with --images";
    return datagen.el("figure", { class: "picture" }, stage,
      datagen.el("figcaption", {}, datagen.el("span", { class: "file" }, image.name || "no picture is named"), `${size}${boxes}${lacks}`));
  };
}
