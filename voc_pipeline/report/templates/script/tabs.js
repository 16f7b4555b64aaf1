// One attribute at a time; without this script all tables stand one below the other.
const showPanel = (tabs, panels, chosen) => tabs.forEach((tab, place) => {
  const on = tab === chosen;
  tab.setAttribute("aria-selected", String(on));
  tab.tabIndex = on ? 0 : -1;
  panels[place].hidden = !on;
});
const steps = (place, count) => ({ ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: count - 1 });
const prepareTabs = (list) => {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
  tabs.forEach((tab, place) => {
    panels[place].setAttribute("role", "tabpanel");
    panels[place].setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => showPanel(tabs, panels, tab));
    tab.addEventListener("keydown", (event) => {
      const step = steps(place, tabs.length)[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const next = tabs.at(step % tabs.length);
      showPanel(tabs, panels, next);
      next.focus();
    });
  });
  document.querySelector(".panels").classList.add("switched");
  list.hidden = false;
  showPanel(tabs, panels, tabs[0]);
};
