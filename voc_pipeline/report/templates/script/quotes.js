// One quote as the page prints it, and the conversation around it.
const turnItem = (turn, marks) => el(
  "li", { class: turn.own ? "own" : undefined },
  el("p", { class: "speaker" }, `${turn.speaker}, turn ${turn.number}`),
  el("p", { class: "said" }, ...marked(turn.parts, 0, Infinity, turn.own ? marks : [])),
);
const conversation = (key, marks) => el("ol", { class: "turns" }, ...around(key).map((turn) => turnItem(turn, marks)));
const provenance = (quote) => el(
  "p", { class: "provenance" },
  `${quote.id} · characters ${quote.start}–${quote.end} of turn ${quote.turn} · `,
  el("a", { href: `#q-${quote.id}` }, "link to this quote"),
);
const contextOf = (quote) => el(
  "div", { class: "context" },
  ...(quote.key ? [conversation(quote.key, [[quote.start, quote.end]]), provenance(quote)]
    : [el("p", { class: "note" }, "The page does not carry the conversation around this quote; turns.csv does.")]),
);
const toggleContext = (button) => {
  const open = button.getAttribute("aria-expanded") === "true";
  const caption = button.closest("figcaption");
  if (open) caption.querySelector(".context").remove();
  else caption.append(contextOf(study().quoteById.get(button.dataset.context)));
  button.setAttribute("aria-expanded", String(!open));
  button.textContent = open ? "Read in context" : "Close context";
};

const acts = (quote) => {
  const made = [el("button", { type: "button", class: "go", "data-context": quote.id, "aria-expanded": "false" }, "Read in context")];
  if (quote.recording) {
    const link = { class: "go", href: quote.recording, rel: "noreferrer noopener", target: "_blank" };
    made.push(" ", el("a", link, quote.time ? `Listen at ${quote.time}` : "Recording"));
  }
  return el("p", { class: "acts" }, ...made);
};
const themeLinks = (themes) => el(
  "p", { class: "on-themes" },
  ...themes.flatMap(([name, anchor], place) => [place ? ", " : "", el("a", { href: `#${anchor}` }, name)]),
);
const who = (quote) => [
  el("span", { class: "who" }, quote.person),
  ...quote.segments.map(([attribute, value]) => el("span", null, hidden(`${attribute}: `), value)),
];
const figure = (quote, { themes = [], hits = [] } = {}) => {
  const tone = quote.sentiment ? [el("span", { class: `${quote.sentiment}-text` }, quote.sentiment)] : [];
  return el(
    "figure", { class: quote.sentiment ? `quote is-${quote.sentiment}` : "quote" },
    el("blockquote", null, ...marked(quote.parts, quote.start, quote.end, hits)),
    el(
      "figcaption", null, ...(themes.length ? [themeLinks(themes)] : []), dotted("", who(quote)),
      dotted("quiet", [...tone, ...spans(quote.remarks)]),
      dotted("quiet", spans([quote.file, `turn ${quote.turn}`, quote.time])), acts(quote),
    ),
  );
};
