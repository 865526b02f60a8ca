// Light and dark: the page's colours come from its styles, those of series from the data, one for each ground.

const DARK = matchMedia("(prefers-color-scheme: dark)");
let printing = false;

const isDark = () => DARK.matches && !printing;

/** A colour of the page by the name of its property. */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A series' colour on the present ground. */
const inked = (look) => look.colours[isDark() ? 1 : 0];

const drawn = [];

/** Draws now, and again whenever the ground changes. `draw` returns what takes the drawing away. */
const keepDrawn = (draw) => {
  drawn.push({ draw, remove: draw() });
};

const drawAgain = () => {
  for (const entry of drawn) {
    entry.remove();
    entry.remove = entry.draw();
  }
};

DARK.addEventListener("change", drawAgain);
addEventListener("beforeprint", () => {
  printing = true;
  document.documentElement.classList.add("printing");
  drawAgain();
});
addEventListener("afterprint", () => {
  printing = false;
  document.documentElement.classList.remove("printing");
  drawAgain();
});

/** An element with properties, attributes and children; a text is a child that stays text. */
const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
