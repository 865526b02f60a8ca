// Points, each with a name that the pointer tells, and the front of those that no other beats.

const NEAR = 28;

/** The points that no other beats, from the least place on. `better` is −1 where less is better, 1 where more is. */
const frontOf = (xs, ys, [betterX, betterY]) => {
  const order = xs.map((_, at) => at).filter((at) => Number.isFinite(xs[at]) && Number.isFinite(ys[at]));
  order.sort((a, b) => betterX * (xs[b] - xs[a]) || betterY * (ys[b] - ys[a]));
  let best = null;
  const front = order.filter((at) => {
    const unbeaten = best === null || betterY * (ys[at] - best) > 0;
    if (unbeaten) best = ys[at];
    return unbeaten;
  });
  return front.sort((a, b) => xs[a] - xs[b]);
};

/** Marks the point that is told. */
const ring = (plot) => {
  const mark = element("div", { class: "ring" });
  mark.hidden = true;
  plot.over.append(mark);
  return mark;
};

/** Draws points into their place, and returns what takes them away. */
const drawScatter = (chart, place) => {
  const { x: xs, y: ys, series: of } = chart.points;
  const front = new Set(frontOf(xs, ys, chart.better));
  const shown = chart.series.map(() => true);
  const placed = (axis, value) => Number.isFinite(value) && (!axis.log || value > 0);
  const seen = (at) => shown[of[at]] && placed(chart.x, xs[at]) && placed(chart.y, ys[at]);
  const order = xs.map((_, at) => at).filter(seen).sort((a, b) => xs[a] - xs[b]);
  const many = order.length > 400;
  const rows = chart.series.map((_, series) => order.map((at) => (of[at] === series ? ys[at] : undefined)));
  const data = [order.map((at) => xs[at]), order.map((at) => (front.has(at) ? ys[at] : undefined)), ...rows];
  const holder = element("div", { class: "part" }, element("h4", { class: "axis" }, chart.y.label));
  const width = () => Math.max(200, holder.clientWidth);
  const height = () => Math.min(460, Math.max(300, width() * 0.6));
  let plot = null;
  const toggle = (index, on) => {
    shown[index] = on;
    plot.setSeries(index + 2, { show: on });
  };
  const looks = chart.series.map(({ name, look }) => ({ name, look: { ...look, line: false } }));
  place.replaceChildren(looks.length > 1 ? legend(looks, false, toggle) : "", holder);
  const options = {
    width: width(),
    height: height(),
    padding: [8, 14, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: true, y: true, uni: 16, setScale: true }, points: { show: false }, x: true, y: true },
    scales: { x: scaled(chart.x, ...ends(chart.x, xs)), y: scaled(chart.y, ...ends(chart.y, ys)) },
    axes: [ruled(chart.x, 2), ruled(chart.y, 3)],
    series: [
      {},
      { stroke: colour("quiet"), width: 2, paths: uPlot.paths.stepped({ align: chart.better[0] < 0 ? 1 : -1 }), points: { show: false } },
      ...chart.series.map(({ look }) => ({ paths: () => null, points: points(look, many ? 2.8 : 5), stroke: inked(look) })),
    ],
  };
  plot = new uPlot(options, data, holder);
  const mark = ring(plot);
  const nearest = (left, top) => {
    let found = null;
    let distance = NEAR ** 2;
    for (const at of order) {
      if (!seen(at)) continue;
      const squared = (plot.valToPos(xs[at], "x") - left) ** 2 + (plot.valToPos(ys[at], "y") - top) ** 2;
      if (squared < distance) [found, distance] = [at, squared];
    }
    return found;
  };
  plot.over.addEventListener("mousemove", (event) => {
    const at = nearest(plot.cursor.left, plot.cursor.top);
    mark.hidden = at === null;
    if (at === null) return tellNothing();
    mark.style.left = `${plot.valToPos(xs[at], "x")}px`;
    mark.style.top = `${plot.valToPos(ys[at], "y")}px`;
    const name = chart.name ? chart.name(at) : chart.points.name[at];
    const cells = [chart.x, chart.y].map((axis) => ({ cells: [axis.label, written(axis.quantity, axis === chart.x ? xs[at] : ys[at])] }));
    const extra = (chart.more?.(at) ?? []).map((pair) => ({ cells: pair }));
    const standing = front.has(at) ? [{ cells: ["on the Pareto front", ""] }] : [];
    return tell(event.clientX, event.clientY, name, [...cells, ...extra, ...standing]);
  });
  plot.over.addEventListener("mouseleave", () => {
    mark.hidden = true;
    tellNothing();
  });
  const fit = new ResizeObserver(() => {
    if (width() !== plot.width) plot.setSize({ width: width(), height: height() });
  });
  fit.observe(holder);
  return () => {
    fit.disconnect();
    plot.destroy();
    place.replaceChildren();
  };
};
