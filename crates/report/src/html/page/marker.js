// The shapes that stand for a series at its points: on a chart, and beside its name in the legend.

/** Adds a shape around (x, y) with about the area of a disc of this radius. */
const trace = (path, shape, x, y, radius) => {
  const polygon = (count, turn, reach) => {
    for (let corner = 0; corner < count; corner += 1) {
      const angle = (turn + corner / count) * 2 * Math.PI - Math.PI / 2;
      const [px, py] = [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
      if (corner === 0) path.moveTo(px, py);
      else path.lineTo(px, py);
    }
    path.closePath();
  };
  const bars = (turn) => {
    const [reach, half] = [radius * 1.25, radius * 0.42];
    const corners = [[half, reach], [half, half], [reach, half], [reach, -half], [half, -half], [half, -reach]];
    const all = [...corners, ...corners.map(([a, b]) => [-a, -b])];
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    all.forEach(([a, b], index) => {
      const [px, py] = [x + a * cos - b * sin, y + a * sin + b * cos];
      if (index === 0) path.moveTo(px, py);
      else path.lineTo(px, py);
    });
    path.closePath();
  };
  switch (shape) {
    case "square": return polygon(4, 1 / 8, radius * 1.25);
    case "triangle": return polygon(3, 0, radius * 1.4);
    case "diamond": return polygon(4, 0, radius * 1.35);
    case "inverted": return polygon(3, 1 / 2, radius * 1.4);
    case "pentagon": return polygon(5, 0, radius * 1.15);
    case "plus": return bars(0);
    case "cross": return bars(Math.PI / 4);
    default:
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, 2 * Math.PI);
      return undefined;
  }
};

/** How uPlot is to draw the points of a series: in its shape, filled or hollow. */
const points = (look, radius) => ({
  show: true,
  size: radius * 2,
  width: look.hollow ? 1.6 : 1,
  // A rim sets a point apart from its neighbours; of a small one it would leave nothing.
  stroke: look.hollow || radius < 3 ? inked(look) : colour("ground"),
  fill: look.hollow ? colour("ground") : inked(look),
  paths: (plot, series, from, to, only) => {
    const path = new Path2D();
    const [xs, ys] = [plot.data[0], plot.data[series]];
    const scale = plot.series[series].scale;
    const reach = radius * devicePixelRatio;
    const add = (at) => {
      if (ys[at] === null || ys[at] === undefined) return;
      trace(path, look.shape, plot.valToPos(xs[at], "x", true), plot.valToPos(ys[at], scale, true), reach);
    };
    if (only) only.forEach(add);
    else for (let at = from; at <= to; at += 1) add(at);
    return { stroke: path, fill: path, clip: null, flags: 3 };
  },
});

/** The piece of line and the shape that stand before a name. */
const sample = (look, bare) => {
  const [width, height] = [bare ? 22 : 28, 14];
  const canvas = element("canvas", { "aria-hidden": "true", width: width * 2, height: height * 2 });
  canvas.style.width = `${width}px`;
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  context.strokeStyle = inked(look);
  context.lineWidth = 2;
  context.setLineDash(look.dash.map((length) => length * 0.6));
  if (look.line !== false) {
    context.beginPath();
    context.moveTo(0, height / 2);
    context.lineTo(width, height / 2);
    context.stroke();
  }
  if (!bare) {
    const path = new Path2D();
    trace(path, look.shape, width / 2, height / 2, 4.2);
    context.setLineDash([]);
    context.fillStyle = look.hollow ? colour("ground") : inked(look);
    context.fill(path);
    context.lineWidth = look.hollow ? 1.6 : 0;
    if (look.hollow) context.stroke(path);
  }
  return canvas;
};

/** Names with their looks, each a button that hides its series or shows it again. */
const legend = (series, bare, toggled) => {
  const list = element("ul", { class: "legend" });
  series.forEach(({ name, look }, index) => {
    const button = element("button", { type: "button", "aria-pressed": "true" }, sample(look, bare), name);
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shown));
      toggled(index, shown);
    });
    list.append(element("li", {}, button));
  });
  return list;
};
