// Numbers as a reader wants them: three digits and a unit. How each quantity is written comes with the page.

const DATA = JSON.parse(document.getElementById("data").textContent);

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

const grouped = (number, places) => {
  const [whole, rest] = number.toFixed(places).split(".");
  const apart = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return rest === undefined ? apart : `${apart}.${rest}`;
};

const trimmed = (text) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);

/** Decimals that show a number to so many significant digits. */
const places = (number, digits) => {
  const magnitude = Math.floor(Math.log10(Math.abs(number)));
  return Math.min(Math.max(digits - 1 - magnitude, 0), 12);
};

const dress = (quantity, number, symbol, negative) => {
  const text = quantity.form.replace("#", number).replace("@", symbol);
  return (negative ? "−" : "") + text.trim();
};

/** The largest unit of which the value holds enough. */
const unitOf = (quantity, value) => {
  const size = Math.abs(value) * (1 + 1e-9);
  const enough = quantity.units.filter(([, unit, from]) => size / unit >= from);
  return enough.length > 0 ? enough[enough.length - 1] : quantity.units[0];
};

/** Whole from a hundred on, cents from ten cents on, two digits of less. */
const amount = (value) => {
  if (value >= 99.995) return grouped(value, 0);
  if (value >= 0.1) return grouped(value, 2);
  return trimmed(grouped(value, places(value, 2)));
};

/** A value with its unit: "1.42 h", "$12.30", "65 %". */
const written = (name, value) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const quantity = DATA.quantities[name];
  const size = Math.abs(value);
  if (value === 0) return quantity.clock ? "0 s" : dress(quantity, "0", quantity.units[0][0], false);
  if (quantity.whole && Number.isInteger(value) && size < 1e5) return dress(quantity, grouped(size, 0), "", value < 0);
  if (quantity.money && size < 9999.5) return dress(quantity, amount(size), "", value < 0);
  const ownSteps = quantity.binary || (quantity.clock && size >= MINUTE);
  const rounded = ownSteps ? value : Number(value.toPrecision(3));
  const [symbol, unit] = unitOf(quantity, rounded);
  const number = Math.abs(rounded) / unit;
  return dress(quantity, trimmed(grouped(number, places(number, 3))), symbol, value < 0);
};

/** How many decimals a step needs. */
const decimals = (step) => {
  for (let count = 0; count < 9; count += 1) {
    const shifted = step * 10 ** count;
    if (Math.abs(shifted - Math.round(shifted)) < 1e-6 * Math.max(Math.abs(shifted), 1e-9)) return count;
  }
  return 9;
};

/** The labels of an axis' ticks, in one unit that suits the largest and leaves the step at most one decimal. */
const ticked = (name, values, step) => {
  const quantity = DATA.quantities[name];
  const largest = Math.max(0, ...values.map(Math.abs));
  const most = unitOf(quantity, largest)[1];
  const tidy = quantity.units.filter(([, unit]) => unit <= most && decimals(step / unit) <= 1);
  const [symbol, unit] = tidy.length > 0 ? tidy[tidy.length - 1] : quantity.units[0];
  const cents = quantity.money && unit === 1 && decimals(step) > 0;
  const count = Math.max(decimals(step / unit), cents ? 2 : 0);
  return values.map((value) => {
    if (Math.abs(value) < step * 1e-6) return quantity.money ? "$0" : symbol === "%" ? "0 %" : "0";
    const number = grouped(Math.abs(value) / unit, count);
    return dress(quantity, cents ? number : trimmed(number), symbol, value < 0);
  });
};

/** The steps between ticks that suit a quantity. */
const steps = (name) => {
  const quantity = DATA.quantities[name];
  const all = [];
  if (quantity.binary) {
    for (let power = 0; power < 60; power += 1) all.push(2 ** power);
    return all;
  }
  for (let power = quantity.whole ? 0 : -9; power < 16; power += 1) {
    for (const digit of [1, 2, 5]) {
      if (!(quantity.clock && power >= 1)) all.push(Number(`${digit}e${power}`));
    }
  }
  if (!quantity.clock) return all;
  const clock = [10, 20, 30, 1 * MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE];
  const hours = [1, 2, 3, 6, 12].map((hour) => hour * HOUR);
  return [...all, ...clock, ...hours, ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((day) => day * DAY)];
};

/** Ticks of a logarithmic axis between two values, as many as there is room for. */
const logMarks = (name, low, high, room) => {
  const quantity = DATA.quantities[name];
  const within = (marks) => marks.filter((mark) => mark >= low * 0.999 && mark <= high * 1.001);
  const decades = (digits) => {
    const marks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
      for (const digit of digits) marks.push(Number(`${digit}e${power}`));
    }
    return within(marks);
  };
  let tries = [[1, 2, 5], [1, 3], [1]].map(decades);
  if (quantity.binary) {
    const powers = (step) => within(Array.from({ length: 60 / step }, (_, power) => 2 ** (power * step)));
    tries = [1, 2, 4, 10].map(powers);
  } else if (quantity.clock) {
    const short = (digits) => decades(digits).filter((mark) => mark < 1);
    const fine = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY, 100 * DAY];
    const coarse = [1, 10, 60, 600, HOUR, 10 * HOUR, 4 * DAY, 40 * DAY];
    tries = [[...short([1, 2, 5]), ...within(fine)], [...short([1]), ...within(coarse)]];
  }
  const fits = tries.find((marks) => marks.length <= room) ?? tries[tries.length - 1];
  if (fits.length > 2 || quantity.binary) return fits;
  // Within less than a decade, even steps tell more than two marks.
  const step = steps(name).find((step) => (high - low) / step < Math.min(room, 7));
  const even = [];
  for (let mark = Math.ceil(low / step); mark * step <= high; mark += 1) even.push(Number((mark * step).toPrecision(12)));
  return even.length > fits.length ? even : fits;
};
