// Everything shown from data is made here: elements and text nodes, never markup.
const el = (tag, attributes, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
};
const hidden = (text) => el("span", { class: "vh" }, text);
const dotted = (kind, items) => el("p", { class: `dotted ${kind}` }, ...items.flatMap((item) => [item, " "]));
const spans = (texts) => texts.filter(Boolean).map((text) => el("span", null, text));
const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
