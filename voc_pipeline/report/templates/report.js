"use strict";
(() => {
  // One attribute at a time; without this script all tables stand one below the other.
  const list = document.querySelector("[data-switch]");
  if (list) {
    const tabs = [...list.querySelectorAll("[role=tab]")];
    const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
    const show = (chosen) => {
      tabs.forEach((tab, i) => {
        const on = tab === chosen;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        panels[i].hidden = !on;
      });
    };
    tabs.forEach((tab, i) => {
      panels[i].setAttribute("role", "tabpanel");
      panels[i].setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => show(tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = tabs[(step + tabs.length) % tabs.length];
        show(next);
        next.focus();
      });
    });
    list.parentElement.classList.add("switched");
    list.hidden = false;
    show(tabs[0]);
  }
})();
