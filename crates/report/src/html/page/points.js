// All points of a sweep as a table, sorted by the column that a reader picks.

const ROWS = 50;

const drawPoints = (sweep, place) => {
  const columns = [
    ...(sweep.profiles.length > 1 ? [{ name: "storage", text: (at) => sweep.profiles[sweep.profile[at]].name, order: (at) => sweep.profile[at] }] : []),
    ...sweep.axes.map((axis, index) => ({ name: axis.label, text: (at) => (axis.at[at] < 0 ? "–" : axis.text[axis.at[at]]), order: (at) => axis.at[at], index })),
    ...sweep.figures.map((figure) => ({ name: figure.label, figure: true, text: (at) => written(figure.quantity, figure.mean[at]), order: (at) => figure.mean[at] ?? Infinity })),
  ];
  const order = sweep.profile.map((_, at) => at);
  let [sorted, direction, shown] = [-1, 1, ROWS];
  const body = element("tbody");
  const head = element("tr");
  const more = element("button", { type: "button", class: "more" });
  const fill = () => {
    const rows = order.slice(0, shown).map((at) => {
      const cells = columns.map(({ text, figure }, column) => element(column === 0 ? "th" : "td", { class: figure ? "figure" : "words", ...(column === 0 ? { scope: "row" } : {}) }, text(at)));
      return element("tr", {}, ...cells);
    });
    body.replaceChildren(...rows);
    more.textContent = `Show more (${shown.toLocaleString("en")} of ${order.length.toLocaleString("en")} points)`;
    more.hidden = shown >= order.length;
  };
  columns.forEach(({ name, order: by, figure }, column) => {
    const button = element("button", { type: "button" }, name);
    const heading = element("th", { scope: "col", class: figure ? "figure" : "words", "aria-sort": "none" }, button);
    button.addEventListener("click", () => {
      direction = sorted === column ? -direction : 1;
      sorted = column;
      order.sort((a, b) => direction * (by(a) - by(b)) || a - b);
      for (const other of head.children) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      fill();
    });
    head.append(heading);
  });
  more.addEventListener("click", () => {
    shown += 4 * ROWS;
    fill();
  });
  const caption = element("caption", {}, "All points; a click on a column sorts by it");
  const table = element("table", { class: "sortable" }, caption, element("thead", {}, head), body);
  place.replaceChildren(element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "All points" }, table), more);
  fill();
};
