// Search over all quotes: every word must be found in the words spoken, or name the participant.
const PAUSE = 120;
// One code point in, one UTF-16 unit out, so that a place in the folded text is a place in the text.
const fold = (letter) => {
  const base = [...letter.normalize("NFD").toLowerCase()][0];
  return base.length === 1 ? base : "\ufffd";
};
const folded = (letters) => letters.map(fold).join("");
let index;
const entries = () => {
  if (index) return index;
  const found = new Map();
  for (const quote of study().quotes) {
    const key = quote.key ? `${quote.key}:${quote.start}:${quote.end}` : quote.id;
    const entry = found.get(key) ?? { quote, themes: [], text: folded(plain(quote)), person: folded([...quote.person]) };
    if (quote.theme) entry.themes.push(quote.theme);
    found.set(key, entry);
  }
  index = [...found.values()];
  return index;
};
const hitsOf = ({ quote, text }, words) => {
  const spansFound = [];
  for (const word of words) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) spansFound.push([at, at + word.length]);
  }
  const merged = [];
  for (const [start, end] of spansFound.sort((one, other) => one[0] - other[0])) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged.map(([start, end]) => [start + quote.start, end + quote.start]);
};
const find = (asked) => {
  const words = folded([...asked]).split(/\s+/).filter(Boolean);
  const found = words.length ? entries().filter((one) => words.every((word) => one.text.includes(word) || one.person.includes(word))) : [];
  return { words, found };
};
const showFound = (asked) => {
  const { words, found } = find(asked);
  const people = unique(found.map((one) => one.quote.person)).length;
  const count = document.getElementById("search-count");
  if (!words.length) count.textContent = "";
  else if (!found.length) count.textContent = "No quote holds all of these words.";
  else count.textContent = `${counted(found.length, "quote")} from ${counted(people, "participant")}`;
  const box = el("div", { class: "quotes" });
  const holder = el("div", null, box);
  if (found.length) inSteps([...found], (one) => figure(one.quote, { themes: one.themes, hits: hitsOf(one, words) }), box);
  document.getElementById("search-results").replaceChildren(holder);
};
const openSearch = () => {
  open(document.getElementById("search"));
  const field = document.getElementById("search-words");
  field.focus();
  field.select();
};
const prepareSearch = () => {
  let waiting;
  document.getElementById("search-words").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => showFound(event.target.value), PAUSE);
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    drawer.close();
    openSearch();
  });
};
