// A sweep: its figures against the key that a reader picks, the other keys held where the reader wants them.

/** The value of a point on an axis of a sweep, in words; nothing where the axis does not vary for it. */
const saidAt = (sweep, axis, at) => {
  const value = sweep.axes[axis].at[at];
  return value < 0 ? "" : sweep.axes[axis].said[value];
};

/** What sets a point apart. */
const pointName = (sweep, at) => {
  const values = sweep.axes.map((_, axis) => saidAt(sweep, axis, at)).filter((text) => text !== "");
  const profile = sweep.profiles[sweep.profile[at]].name;
  return sweep.profiles.length === 1 && values.length > 0 ? values.join(", ") : [profile, ...values].join(", ");
};

/** A colour with so much of the ground mixed in. */
const faded = (look, share) => {
  const mix = (hex) => (ground) => {
    const part = (text, at) => parseInt(text.slice(1 + 2 * at, 3 + 2 * at), 16);
    const mixed = [0, 1, 2].map((at) => Math.round(part(hex, at) * (1 - share) + part(ground, at) * share));
    return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  };
  return [mix(look.colours[0])("#ffffff"), mix(look.colours[1])("#14171c")];
};

const DASHES = [[], [10, 5], [3, 4], [10, 4, 3, 4]];
const SHAPES = ["disc", "square", "triangle", "diamond", "inverted", "pentagon", "plus", "cross"];
const LINES_MAX = 24;

/** The lines of one figure: for each profile, and for each value of an axis if one is chosen. */
const linesOf = (sweep, choice, figure) => {
  const { x, line, held } = choice;
  const axis = sweep.axes[x];
  const lines = new Map();
  sweep.profile.forEach((profile, at) => {
    const fits = (other) => other === x || other === line || sweep.axes[other].at[at] < 0 || sweep.axes[other].at[at] === held[other];
    if (!sweep.axes.every((_, other) => fits(other))) return;
    const value = line >= 0 ? sweep.axes[line].at[at] : -1;
    const key = `${profile}/${value}`;
    if (!lines.has(key)) lines.set(key, { profile, value, points: [] });
    const places = x < 0 ? [profile] : axis.at[at] >= 0 ? [axis.at[at]] : axis.said.map((_, place) => place);
    for (const place of places) lines.get(key).points.push([x >= 0 && axis.number ? axis.number[place] : place, at]);
  });
  const sorted = [...lines.values()].sort((a, b) => a.profile - b.profile || a.value - b.value);
  return sorted.map(({ profile, value, points: all }) => {
    all.sort((a, b) => a[0] - b[0]);
    const mean = all.map(([, at]) => figure.mean[at]);
    const half = figure.half && all.map(([, at]) => figure.half[at]);
    const bound = (sign) => half && mean.map((middle, at) => (middle === null || half[at] === null ? null : middle + sign * half[at]));
    return { profile, value, x: all.map(([place]) => place), y: mean, ...(half ? { low: bound(-1), high: bound(1) } : {}) };
  });
};

/** The series that the lines are: a profile's look, told apart by dashes and shapes along the chosen axis. */
const seriesOf = (sweep, choice, lines) =>
  lines.map(({ profile, value }) => {
    const { name, look } = sweep.profiles[profile];
    if (value < 0 || choice.line < 0) return { name, look };
    const axis = sweep.axes[choice.line];
    const share = axis.said.length > 1 ? (0.62 * value) / (axis.said.length - 1) : 0;
    const own = { ...look, colours: faded(look, share), dash: DASHES[value % 4], shape: SHAPES[(profile + value) % 8] };
    const said = axis.said[value];
    return { name: sweep.profiles.length > 1 ? `${name}, ${said}` : said, look: own };
  });

/** A chart of the chosen figures. */
const exploring = (sweep, choice) => {
  const figures = sweep.figures.filter((figure) => choice.figures.includes(figure.label));
  const axis = sweep.axes[choice.x];
  const all = figures.map((figure) => linesOf(sweep, choice, figure));
  const every = all.map((lines) => lines.slice(0, LINES_MAX));
  const numbers = axis?.number;
  const x = axis
    ? { label: axis.label, quantity: axis.quantity ?? "Count", log: axis.log && numbers !== null, zero: false, texts: numbers ? undefined : axis.said }
    : { label: "storage", quantity: "Count", log: false, texts: sweep.profiles.map(({ name }) => name) };
  const plots = figures.map((figure, at) => {
    const values = every[at].flatMap((line) => line.y).filter((value) => value !== null);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const log = figure.quantity !== "Share" && low > 0 && high >= 100 * low;
    return { title: figure.label, y: { label: figure.label, quantity: figure.quantity, log, zero: true }, lines: every[at] };
  });
  const series = seriesOf(sweep, choice, every[0] ?? []);
  const dropped = (all[0] ?? []).length - series.length;
  return { kind: "lines", layout: "grid", free: true, height: 290, series, x, plots, dropped };
};

const select = (label, options, chosen, changed) => {
  const made = element("select");
  options.forEach(([value, text]) => made.append(element("option", { value: String(value) }, text)));
  made.value = String(chosen);
  made.addEventListener("change", () => changed(Number(made.value)));
  return element("label", {}, element("span", {}, label), made);
};

/** The controls and the chart that follows them. */
const drawExplorer = (sweep, place) => {
  const controls = element("div", { class: "controls" });
  const area = element("div", { class: "area" });
  const note = element("p", { class: "hint" });
  place.replaceChildren(controls, note, area);
  const choice = sweep.choice ?? { x: sweep.start.x, line: sweep.start.line, held: sweep.axes.map(() => 0), figures: sweep.figures.slice(0, 3).map(({ label }) => label) };
  sweep.choice = choice;
  let remove = () => {};
  const redraw = () => {
    remove();
    // Controls are made anew, as other keys may be held; the reader stays where they were.
    const all = () => [...controls.querySelectorAll("select, input")];
    const focused = all().indexOf(document.activeElement);
    controls.replaceChildren(...widgets());
    if (focused >= 0) all()[Math.min(focused, all().length - 1)].focus();
    const chart = exploring(sweep, choice);
    const held = sweep.axes.map((axis, at) => (at === choice.x || at === choice.line ? "" : axis.said[choice.held[at]])).filter((text) => text);
    const kept = held.length > 0 ? `Held at ${held.join(", ")}. ` : "";
    const cut = chart.dropped > 0 ? `The first ${LINES_MAX} lines; ${chart.dropped} more have no room. ` : "";
    note.textContent = `${kept}${cut}Drag to zoom in, click twice to see all.`;
    remove = drawLines(chart, area);
  };
  const changed = (key) => (value) => {
    choice[key] = value;
    if (choice.line === choice.x) choice.line = -1;
    redraw();
  };
  const widgets = () => {
    const axes = sweep.axes.map((axis, at) => [at, axis.label]);
    const made = [];
    const places = sweep.profiles.length > 1 || axes.length === 0 ? [...axes, [-1, "storage"]] : axes;
    made.push(select("along the bottom", places, choice.x, changed("x")));
    const others = axes.filter(([at]) => at !== choice.x);
    if (others.length > 0) made.push(select("a line for each", [[-1, sweep.profiles.length > 1 ? "storage" : "nothing"], ...others.map(([at, label]) => [at, sweep.profiles.length > 1 ? `storage and ${label}` : label])], choice.line, changed("line")));
    for (const [at, label] of others.filter(([at]) => at !== choice.line)) {
      const values = sweep.axes[at].said.map((text, value) => [value, text]);
      made.push(select(`${label} held at`, values, choice.held[at], (value) => {
        choice.held[at] = value;
        redraw();
      }));
    }
    const figures = element("fieldset", {}, element("legend", {}, "figures"));
    for (const { label } of sweep.figures) {
      const box = element("input", { type: "checkbox" });
      box.checked = choice.figures.includes(label);
      box.addEventListener("change", () => {
        const wanted = sweep.figures.map((figure) => figure.label).filter((other) => (other === label ? box.checked : choice.figures.includes(other)));
        choice.figures = wanted.length > 0 ? wanted : [label];
        redraw();
      });
      figures.append(element("label", { class: "check" }, box, label));
    }
    return [...made, figures];
  };
  redraw();
  return () => remove();
};
