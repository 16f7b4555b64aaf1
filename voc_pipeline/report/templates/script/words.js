// A text comes in parts: a string, or a placeholder as [lead, body, tail]. Offsets count code points.
const lettersOf = (part) => [...(typeof part === "string" ? part : part.join(""))];
const chip = ([lead, body, tail]) => el("span", { class: "chip" }, el("i", null, lead), body, el("i", null, tail));
const cut = (parts, from, to) => {
  const nodes = [];
  let at = 0;
  for (const part of parts) {
    const letters = lettersOf(part);
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, letters.length);
    const whole = start === 0 && end === letters.length;
    if (start < end) nodes.push(whole && typeof part !== "string" ? chip(part) : letters.slice(start, end).join(""));
    at += letters.length;
  }
  return nodes;
};
const plain = (quote) => lettersOf(quote.parts.map((part) => lettersOf(part).join("")).join("")).slice(quote.start, quote.end);

// The text from..to with some of its spans marked.
const marked = (parts, from, to, marks) => {
  const nodes = [];
  let at = from;
  for (const [start, end] of marks) {
    nodes.push(...cut(parts, at, start), el("mark", null, ...cut(parts, start, end)));
    at = end;
  }
  return [...nodes, ...cut(parts, at, to)];
};
