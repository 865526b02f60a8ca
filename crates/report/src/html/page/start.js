// Each place on the page gets the chart whose number it has.

/** The points of a sweep by what they cost and give. */
const tradeOf = (chart) => {
  const sweep = DATA.charts[chart.of];
  const known = (label) => sweep.figures.find((figure) => figure.label === label);
  const said = ["GPU utilisation over the loop", "time to first batch"].map(known).filter((figure) => figure);
  return {
    ...chart,
    series: sweep.profiles,
    points: { ...chart.points, series: sweep.profile },
    name: (at) => pointName(sweep, at),
    more: (at) => said.map((figure) => [figure.label, written(figure.quantity, figure.mean[at])]),
  };
};

const DRAW = {
  lines: drawLines,
  scatter: drawScatter,
  trade: (chart, place) => drawScatter(tradeOf(chart), place),
  explore: drawExplorer,
};

for (const figure of document.querySelectorAll("[data-chart]")) {
  const chart = DATA.charts[Number(figure.dataset.chart)];
  const place = figure.querySelector(".plots");
  keepDrawn(() => DRAW[chart.kind](chart, place));
}

for (const place of document.querySelectorAll("[data-points]")) {
  drawPoints(DATA.charts[Number(place.dataset.points)], place);
}

document.documentElement.classList.add("ready");
