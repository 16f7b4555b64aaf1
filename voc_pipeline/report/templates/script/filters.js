// A list of quotes that can be narrowed by segment, sentiment and whether the question raised the theme.
const STEP = 40;
const FEW = 4;
const unique = (items) => [...new Set(items)];
const option = (value, text) => el("option", { value }, text);
const choice = (label, ...options) => el("label", null, el("span", null, label), el("select", null, option("", "All"), ...options));
const segmentOptions = (quotes) => {
  const names = unique(quotes.flatMap((quote) => quote.segments.map(([attribute]) => attribute)));
  return names.map((name) => {
    const values = unique(quotes.flatMap((quote) => quote.segments.filter((pair) => pair[0] === name).map((pair) => pair[1])));
    return el("optgroup", { label: name }, ...values.sort().map((value) => option(JSON.stringify([name, value]), value)));
  });
};
const fits = (quote, [segment, sentiment, raised]) => {
  const [name, value] = segment ? JSON.parse(segment) : [];
  return (!segment || quote.segments.some((pair) => pair[0] === name && pair[1] === value))
    && (!sentiment || quote.sentiment === sentiment) && (!raised || quote.prompted === (raised === "prompted"));
};

// Long lists come in steps, so that a theme with hundreds of quotes opens at once.
const inSteps = (items, make, box) => {
  const more = el("button", { type: "button", class: "more-of" }, "");
  const grow = () => {
    const left = items.splice(0, STEP).map(make);
    box.append(...left);
    more.textContent = `Show ${Math.min(STEP, items.length)} more of ${items.length}`;
    if (items.length) box.after(more);
    else more.remove();
    return left[0];
  };
  more.addEventListener("click", () => {
    const first = grow();
    first.tabIndex = -1;
    first.focus();
  });
  grow();
};
const listed = (quotes) => {
  const box = el("div", { class: "quotes" });
  const holder = el("div", null, box);
  inSteps([...quotes], (quote) => figure(quote), box);
  return holder;
};
const filtered = (quotes) => {
  if (quotes.length <= FEW) return [listed(quotes)];
  const kinds = ["negative", "mixed", "neutral", "positive"].filter((kind) => quotes.some((quote) => quote.sentiment === kind));
  const choices = [
    choice("Segment", ...segmentOptions(quotes)),
    choice("Sentiment", ...kinds.map((kind) => option(kind, kind))),
    choice("Raised", option("volunteered", "unasked"), option("prompted", "when asked")),
  ];
  const count = el("p", { class: "found", role: "status" });
  const place = el("div", null);
  const show = () => {
    const wanted = choices.map((one) => one.querySelector("select").value);
    const left = quotes.filter((quote) => fits(quote, wanted));
    count.textContent = left.length === quotes.length ? counted(left.length, "quote") : `${left.length} of ${counted(quotes.length, "quote")}`;
    place.replaceChildren(listed(left));
  };
  choices.forEach((one) => one.addEventListener("change", show));
  show();
  return [el("div", { class: "filters" }, ...choices, count), place];
};
