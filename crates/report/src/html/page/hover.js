// The box beside the pointer that tells the values below it.

const TIP = document.getElementById("tip");

/** Shows a heading and rows of cells beside a place in the window; a row may begin with a look. */
const tell = (clientX, clientY, heading, rows, columns) => {
  const table = element("table");
  if (columns) {
    table.append(element("tr", {}, element("td"), ...columns.map((name) => element("th", { scope: "col" }, name))));
  }
  for (const { look, cells } of rows) {
    const [name, ...values] = cells;
    const first = element("th", { scope: "row" });
    if (look) first.append(swatch(look));
    first.append(name);
    table.append(element("tr", {}, first, ...values.map((value) => element("td", {}, value))));
  }
  TIP.replaceChildren(element("strong", {}, heading), table);
  TIP.hidden = false;
  const { width, height } = TIP.getBoundingClientRect();
  const right = clientX + 16 + width > innerWidth - 8;
  const left = right ? Math.max(8, clientX - 16 - width) : clientX + 16;
  const top = Math.min(Math.max(8, clientY - height / 2), Math.max(8, innerHeight - height - 8));
  TIP.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
};

const swatch = (look) => {
  const mark = element("i", { class: "swatch" });
  mark.style.setProperty("--fill", inked(look));
  return mark;
};

const tellNothing = () => {
  TIP.hidden = true;
};

addEventListener("scroll", tellNothing, { passive: true });

// Bars and cells bring their texts with them: a heading, then lines of a name, a tab and a value.
document.addEventListener("pointerover", (event) => {
  const told = event.target.closest?.("[data-tip]");
  if (!told) return;
  const [heading, ...lines] = told.dataset.tip.split("\n");
  const show = (at) => tell(at.clientX, at.clientY, heading, lines.map((line) => ({ cells: line.split("\t") })));
  show(event);
  told.onpointermove = show;
  told.onpointerleave = () => {
    told.onpointermove = null;
    tellNothing();
  };
});
