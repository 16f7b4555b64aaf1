// Dialogs: the browser keeps the focus inside and closes on Escape; the focus goes back to where it came from.
const drawer = document.getElementById("drawer");
const openers = new Map();
const open = (dialog) => {
  if (!dialog.open) {
    openers.set(dialog, document.activeElement);
    dialog.showModal();
  }
};
const prepare = (dialog) => {
  dialog.addEventListener("close", () => openers.get(dialog)?.focus({ preventScroll: true }));
  dialog.addEventListener("click", (event) => {
    const leaves = event.target.closest("[data-close], a[href^='#']");
    if (leaves || event.target === dialog) dialog.close();
  });
};
const showIn = (kicker, title, ...content) => {
  document.getElementById("drawer-kicker").textContent = kicker;
  const heading = document.getElementById("drawer-title");
  heading.textContent = title;
  const body = document.getElementById("drawer-body");
  body.replaceChildren(...content);
  open(drawer);
  body.scrollTop = 0;
  heading.focus();
};

const factList = (facts) => el(
  "dl", { class: "drawer-facts" },
  ...facts.filter((fact) => fact[1]).map(([name, value]) => el("div", null, el("dt", null, name), el("dd", null, value))),
);
const showSet = (key) => {
  const [kicker, title, facts, note, places] = study().sets.get(key);
  const quotes = places.map((place) => study().quotes[place]);
  const content = [factList(facts)];
  if (note) content.push(el("p", { class: "note" }, note));
  showIn(kicker, title, ...content, ...(quotes.length ? filtered(quotes) : []));
};
const showTurn = (button) => {
  const row = button.closest("tr");
  const heads = button.closest("table").querySelectorAll("thead th");
  const person = heads[button.closest("td").cellIndex].textContent;
  const there = study().turnByKey.has(button.dataset.turn);
  const left = [el("p", null, button.textContent), el("p", { class: "note" }, "The page does not carry the whole answer; turns.csv does.")];
  showIn(person, row.querySelector(".question").textContent, ...(there ? [conversation(button.dataset.turn, [])] : left));
};
const showQuote = (quote) => {
  const made = figure(quote, { themes: quote.theme ? [quote.theme] : [] });
  showIn("Quote", quote.person, el("div", { class: "quotes" }, made));
  toggleContext(made.querySelector("[data-context]"));
};
