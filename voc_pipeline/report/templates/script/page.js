// Ties the controls to what they do, and opens what a link or the printer asks for.
const onClick = (event) => {
  const control = event.target.closest?.("[data-set], [data-turn], [data-context], [data-search]");
  if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if ("set" in control.dataset) showSet(control.dataset.set);
  else if ("turn" in control.dataset) showTurn(control);
  else if ("context" in control.dataset) toggleContext(control);
  else openSearch();
};
const fillTheme = (details) => details.addEventListener("toggle", () => {
  const box = details.querySelector(".all-quotes");
  if (!details.open || box.firstChild) return;
  const theme = study().themes[Number(details.dataset.theme)];
  box.append(...filtered(study().quotes.filter((quote) => quote.theme === theme)));
});
const followHash = () => {
  const target = location.hash.slice(1);
  if (!target.startsWith("q-") || document.getElementById(target)) return;
  const quote = study().quoteById.get(target.slice(2));
  if (quote) showQuote(quote);
};
const preparePrint = () => {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.evidence:not([open]), details.checklist:not([open]), details.further:not([open])")];
    opened.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((one) => { one.open = false; }));
};
const prepareContents = () => {
  const links = new Map([...document.querySelectorAll(".contents > ol > li > a")].map((link) => [link.hash.slice(1), link]));
  const watcher = new IntersectionObserver((seen) => {
    const here = seen.filter((one) => one.isIntersecting).at(-1);
    if (!here) return;
    links.forEach((link, id) => (id === here.target.id ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
  }, { rootMargin: "-15% 0px -75% 0px" });
  document.querySelectorAll("main > section").forEach((section) => watcher.observe(section));
};

document.documentElement.classList.add("scripted");
document.addEventListener("click", onClick);
document.querySelectorAll("dialog").forEach(prepare);
document.querySelectorAll("[data-switch]").forEach(prepareTabs);
document.querySelectorAll(".heat").forEach(prepareCells);
document.querySelectorAll("[data-theme]").forEach(fillTheme);
prepareSearch();
preparePrint();
prepareContents();
addEventListener("hashchange", followHash);
followHash();
