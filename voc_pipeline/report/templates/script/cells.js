// The cells of a heat table are one stop of the Tab key; arrows move inside. Without this script they lead to the theme.
const neighbour = (grid, line, column, key) => {
  const last = grid[line].length - 1;
  const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[key] ?? [0, 0];
  if (key === "Home") return grid[line][0];
  if (key === "End") return grid[line][last];
  return grid[line + down]?.[column + right];
};
const prepareCells = (table) => {
  const grid = [...table.querySelectorAll("tbody tr:not(.family)")].map((row) => [...row.querySelectorAll("td a")]);
  grid.forEach((row, line) => row.forEach((cell, column) => {
    cell.setAttribute("role", "button");
    cell.setAttribute("aria-haspopup", "dialog");
    cell.tabIndex = line || column ? -1 : 0;
    cell.addEventListener("focus", () => {
      table.querySelector("td a[tabindex='0']").tabIndex = -1;
      cell.tabIndex = 0;
    });
    cell.addEventListener("keydown", (event) => {
      if (event.key === " ") cell.click();
      const next = neighbour(grid, line, column, event.key);
      if (event.key === " " || (next && next !== cell)) event.preventDefault();
      next?.focus();
    });
  }));
};
