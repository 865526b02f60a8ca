// Lines: over a clock in rows below each other, or over a swept key in panels beside each other.

const LINE = 1.8;
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** Ends of an axis over these values. */
const ends = (axis, values) => {
  const known = values.filter((value) => Number.isFinite(value) && (!axis.log || value > 0));
  if (known.length === 0) return axis.log ? [1, 10] : [0, 1];
  let low = known.reduce((a, b) => Math.min(a, b));
  let high = known.reduce((a, b) => Math.max(a, b));
  if (axis.log) return low === high ? [low / 2, high * 2] : [low / 1.15, high * 1.15];
  if (axis.quantity === "Share" && low >= 0 && high <= 1) return [0, 1.02];
  if (axis.zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  const pad = (high - low || Math.abs(high) || 1) * 0.05;
  return [low === 0 && axis.zero ? 0 : low - pad, high + pad];
};

/** An axis of uPlot for one of ours. `marks` are the places of its ticks where only these make
 * sense; `aligned` charts lie below each other and have one clock. */
const ruled = (axis, side, marks, texts, aligned) => {
  const upright = side === 3;
  const space = upright ? 34 : 74;
  const labels = (plot, splits, _axis, _space, step) => {
    const texted = texts
      ? splits.map((split) => texts[split] ?? "")
      : axis.log || marks
        ? splits.map((split) => written(axis.quantity, split))
        : ticked(axis.quantity, splits, step);
    if (upright) return texted;
    let until = -Infinity;
    return splits.map((split, index) => {
      const half = texted[index].length * 3.4 + 5;
      const at = plot.valToPos(split, "x");
      if (at - half < until) return "";
      until = at + half;
      return texted[index];
    });
  };
  const made = {
    side,
    scale: upright ? "y" : "x",
    stroke: colour("quiet"),
    font: FONT,
    labelFont: FONT,
    grid: { stroke: colour("grid"), width: 1, show: upright },
    ticks: { stroke: colour("grid"), width: 1, size: upright ? 0 : 5 },
    gap: upright ? 8 : 5,
    space,
    incrs: steps(axis.quantity ?? "Count"),
    values: labels,
    filter: (_plot, splits) => splits,
  };
  if (upright && aligned) {
    made.size = 88;
  } else if (upright) {
    made.size = (_plot, texts) => 14 + 6.6 * Math.max(3, ...(texts ?? []).map((text) => text.length));
  } else {
    made.label = axis.label;
    made.labelSize = 20;
    made.size = 28;
  }
  const room = (plot) => (upright ? plot.bbox.height / devicePixelRatio / 26 : plot.bbox.width / devicePixelRatio / 70);
  if (marks) made.splits = (_plot, _axis, low, high) => marks.filter((mark) => mark >= low && mark <= high);
  else if (axis.log) made.splits = (plot, _axis, low, high) => logMarks(axis.quantity, low, high, Math.max(2, room(plot)));
  return made;
};

/** A scale that shows all its values until a reader picks a part. */
const scaled = (axis, low, high) => ({
  time: false,
  distr: axis.log ? 3 : 1,
  log: 10,
  range: (plot, from, to, key) => {
    const places = plot.data[0];
    const whole = key !== "x" || from === null || (from <= places[0] && to >= places[places.length - 1]);
    return whole ? [low, high] : [Math.max(from, low), Math.min(to, high)];
  },
});

/** The places and values of a line, without those that a logarithmic axis has no place for. */
const unpacked = (line, x, y) => {
  const all = { ...line, x: line.x ?? line.y.map((_, index) => line.start + index * line.step) };
  const kept = all.x.map((_, at) => at).filter((at) => (!x.log || all.x[at] > 0) && (!y.log || all.y[at] === null || all.y[at] > 0));
  const columns = ["x", "y", "low", "high"].filter((name) => all[name]);
  return Object.fromEntries(columns.map((name) => [name, kept.map((at) => all[name][at])]));
};

/** Lines that share one list of places; where a line has no place of its own there is nothing, which is no gap. */
const aligned = (lines) => {
  const all = [...new Set(lines.flatMap((line) => line.x))].filter((x) => x !== null).sort((a, b) => a - b);
  const index = new Map(all.map((x, at) => [x, at]));
  const rows = lines.map((line) => {
    const row = new Array(all.length);
    line.x.forEach((x, at) => {
      if (index.has(x)) row[index.get(x)] = line.y[at];
    });
    return row;
  });
  return [all, ...rows];
};

/** What a stepped line holds at a time. */
const heldAt = (line, time) => {
  let [low, high] = [0, line.x.length - 1];
  if (high < 0 || time < line.x[0]) return null;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (line.x[middle] <= time) low = middle;
    else high = middle - 1;
  }
  const last = line.x.length - 1;
  const width = last > 0 ? (line.x[last] - line.x[0]) / last : 0;
  return time > line.x[last] + width ? null : line.y[low];
};

/** Intervals as bands behind their lines, and values to hold lines against. */
const background = (chart, part) => (plot) => {
  const context = plot.ctx;
  const { left, top, width, height } = plot.bbox;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  part.lines.forEach((line, index) => {
    if (!line.low || !plot.series[index + 1].show) return;
    const known = line.x.map((_, at) => at).filter((at) => line.low[at] !== null && line.high[at] !== null);
    const floor = part.y.log ? plot.scales.y.min : -Infinity;
    const place = (at, value) => [plot.valToPos(line.x[at], "x", true), plot.valToPos(Math.max(value, floor), "y", true)];
    context.beginPath();
    known.forEach((at) => context.lineTo(...place(at, line.high[at])));
    [...known].reverse().forEach((at) => context.lineTo(...place(at, line.low[at])));
    context.closePath();
    context.globalAlpha = 0.16;
    context.fillStyle = inked(chart.series[index].look);
    context.fill();
    context.globalAlpha = 1;
  });
  for (const { label, value } of part.references ?? []) {
    const y = plot.valToPos(value, "y", true);
    context.strokeStyle = colour("quiet");
    context.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left + width, y);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = colour("quiet");
    context.font = FONT.replace("12px", `${12 * devicePixelRatio}px`);
    context.textAlign = "right";
    context.fillText(label, left + width - 4, y - 5 * devicePixelRatio);
  }
  context.restore();
};

let groups = 0;

/** The values of all parts of a chart at the pointer. */
const tellLines = (chart, plot, event) => {
  const time = plot.posToVal(plot.cursor.left, "x");
  const stepped = chart.plots[0].stepped;
  const at = plot.cursor.idx;
  if (at === null || at === undefined) return tellNothing();
  const parts = chart.layout === "rows" || chart.free ? chart.plots : [chart.plots[plot.part]];
  const place = stepped ? time : plot.data[0][at];
  const value = (part, index) => {
    const line = part.lines[index];
    if (stepped) return [heldAt(line, time)];
    const own = line.x.indexOf(place);
    if (own < 0) return [null];
    return line.low && line.low[own] !== null ? [line.y[own], line.low[own], line.high[own]] : [line.y[own]];
  };
  const rows = [];
  chart.series.forEach(({ name, look }, index) => {
    if (!plot.series[index + 1].show) return;
    const values = parts.map((part) => [part, value(part, index)]);
    if (values.every(([, [mean]]) => mean === null || mean === undefined)) return;
    const said = values.map(([part, [mean, low, high]]) => {
      const text = written(part.y.quantity, mean);
      return low === undefined ? text : `${text}  (${written(part.y.quantity, low)} to ${written(part.y.quantity, high)})`;
    });
    rows.push({ look, cells: [name, ...said] });
  });
  const text = chart.x.texts ? chart.x.texts[place] : written(chart.x.quantity, place);
  const title = parts.length === 1 && parts[0].title ? `${parts[0].title} · ` : "";
  const columns = parts.length > 1 ? parts.map((part) => part.y.label) : [parts[0].y.label];
  return tell(event.clientX, event.clientY, `${title}${chart.x.label}: ${text}`, rows.slice(0, 16), columns);
};

/** Lets the arrow keys lead from value to value, and Escape show all again. */
const listenToKeys = (chart, plot) => {
  plot.root.tabIndex = 0;
  plot.root.addEventListener("keydown", (event) => {
    const places = plot.data[0];
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") plot.setScale("x", { min: places[0], max: places[places.length - 1] });
    if (!step) return;
    event.preventDefault();
    const stride = Math.max(1, Math.round(places.length / 200));
    const at = Math.min(Math.max((plot.cursor.idx ?? -1) + step * stride, 0), places.length - 1);
    const left = plot.valToPos(places[at], "x");
    plot.setCursor({ left, top: plot.over.clientHeight / 2 });
    const { left: edge, top, height } = plot.over.getBoundingClientRect();
    tellLines(chart, plot, { clientX: edge + left, clientY: top + height / 2 });
  });
  plot.root.addEventListener("blur", tellNothing);
};

/** The ends of what a chart's places are on. */
const placesOf = (chart, xs) => {
  if (chart.x.texts) return [-0.4, chart.x.texts.length - 0.6];
  if (chart.bare) return [0, xs.reduce((a, b) => Math.max(a, b), 0) * 1.005 || 1];
  return ends({ ...chart.x, zero: false }, xs);
};

/** Draws a chart of lines into its place, and returns what takes it away. */
const drawLines = (chart, place) => {
  const key = `group-${(groups += 1)}`;
  const sync = uPlot.sync(key);
  for (const part of chart.plots) part.lines = part.lines.map((line) => unpacked(line, chart.x, part.y));
  const xs = chart.plots.flatMap((part) => part.lines.flatMap((line) => line.x));
  const [low, high] = placesOf(chart, xs);
  const distinct = [...new Set(xs)].sort((a, b) => a - b);
  const marks = chart.x.texts || (!chart.bare && distinct.length <= 12) ? distinct : null;
  const box = element("div", { class: `parts ${chart.layout}` });
  const plots = [];
  const draw = (part, index) => {
    const holder = element("div", { class: "part" });
    if (part.title || chart.plots.length > 1) holder.append(element("h4", {}, part.title ?? part.y.label));
    else holder.append(element("h4", { class: "axis" }, part.y.label));
    box.append(holder);
    const last = chart.layout !== "rows" || index === chart.plots.length - 1;
    const values = part.lines.flatMap((line) => [...line.y, ...(line.low ?? []), ...(line.high ?? [])]).filter((value) => value !== null);
    const all = chart.layout === "grid" && !chart.free ? chart.plots.flatMap((other) => other.lines.flatMap((line) => line.y)) : values;
    const height = () => (chart.bare ? (last ? 190 : 142) : chart.height ?? 300);
    const across = ruled(chart.x, 2, marks, chart.x.texts);
    const options = {
      width: Math.max(200, holder.clientWidth),
      height: height(),
      padding: [8, 14, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key, setSeries: false, scales: ["x", null] },
        drag: { x: true, y: false, setScale: true },
        points: { show: !part.stepped, size: 9 },
        y: false,
      },
      scales: { x: scaled(chart.x, low, high), y: scaled(part.y, ...ends(part.y, [...all, ...(part.references ?? []).map((line) => line.value)])) },
      axes: [last ? across : { ...across, label: undefined, values: (_plot, splits) => splits.map(() => ""), size: 8 }, ruled(part.y, 3, null, null, chart.bare)],
      series: [
        {},
        ...chart.series.map(({ look }) => ({
          stroke: inked(look),
          width: LINE,
          dash: look.dash,
          paths: part.stepped ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear(),
          points: chart.bare ? { show: false } : points(look, chart.layout === "grid" ? 3.4 : 4.2),
          spanGaps: false,
        })),
      ],
      hooks: { drawAxes: [background(chart, part)] },
    };
    const plot = new uPlot(options, aligned(part.lines), holder);
    plot.part = index;
    plot.over.addEventListener("mousemove", (event) => tellLines(chart, plot, event));
    plot.over.addEventListener("mouseleave", tellNothing);
    listenToKeys(chart, plot);
    sync.sub(plot);
    plots.push(plot);
    return { holder, plot, height };
  };
  const toggle = (index, shown) => plots.forEach((plot) => plot.setSeries(index + 1, { show: shown }));
  place.replaceChildren(chart.series.length > 1 ? legend(chart.series, chart.bare, toggle) : "", box);
  const made = chart.plots.map(draw);
  const fit = new ResizeObserver(() => {
    for (const { holder, plot, height } of made) {
      const width = Math.max(200, holder.clientWidth);
      if (width !== plot.width) plot.setSize({ width, height: height() });
    }
  });
  fit.observe(box);
  return () => {
    fit.disconnect();
    plots.forEach((plot) => plot.destroy());
    place.replaceChildren();
  };
};
