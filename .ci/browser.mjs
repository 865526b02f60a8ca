// Opens reports in a headless Chromium and checks what a reader would see. Node's own modules suffice: the browser is
// spoken to through a pair of pipes, and has no network to speak of.
//
//     node browser.mjs [--pictures FOLDER] [--hostile TEXT] REPORT...
//
// With --pictures each page is also kept as PNG, wide and narrow, light and dark. With --hostile the pages must hold
// the text, as text.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--hide-scrollbars",
  "--remote-debugging-pipe",
  // Whatever a page asks for by name is not there.
  "--host-resolver-rules=MAP * ~NOTFOUND",
];
const WIDE = { width: 1400, height: 900 };
const NARROW = { width: 390, height: 844 };
const PATIENCE_MS = 60_000;

/** A browser, spoken to with the messages of the DevTools protocol. */
class Browser {
  constructor() {
    this.profile = mkdtempSync(join(tmpdir(), "ingestsim-browser-"));
    const program = process.env.CHROMIUM ?? "chromium";
    const flags = [...FLAGS, `--user-data-dir=${this.profile}`, "about:blank"];
    this.process = spawn(program, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.waiting = new Map();
    this.listeners = [];
    this.count = 0;
    this.ended = new Promise((ended) => this.process.once("exit", ended));
    this.process.once("error", (error) => {
      for (const { fail } of this.waiting.values()) fail(error);
    });
    let rest = "";
    this.process.stdio[4].on("data", (chunk) => {
      const messages = (rest + chunk).split("\0");
      rest = messages.pop();
      messages.forEach((text) => this.receive(JSON.parse(text)));
    });
  }

  receive(message) {
    if (message.id === undefined) {
      this.listeners.forEach((listener) => listener(message));
      return;
    }
    const { done, fail } = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) fail(new Error(message.error.message));
    else done(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    this.count += 1;
    const id = this.count;
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error(`${method}: no answer`)), PATIENCE_MS);
      const settled = (settle) => (value) => {
        clearTimeout(late);
        settle(value);
      };
      this.waiting.set(id, { done: settled(done), fail: settled(fail) });
    });
  }

  async close() {
    await Promise.race([this.send("Browser.close").catch(() => {}), this.ended]);
    await this.ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A tab, and everything it complained of or asked for. */
class Tab {
  static async open(browser) {
    const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab();
    Object.assign(tab, { browser, targetId, sessionId, complaints: [], requests: [], loaded: () => {} });
    browser.listeners.push((message) => message.sessionId === sessionId && tab.hear(message));
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await tab.send(`${domain}.enable`);
    return tab;
  }

  hear({ method, params }) {
    if (method === "Runtime.exceptionThrown") this.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled") this.complaints.push(`console.${params.type}: ${params.args.map((arg) => arg.value).join(" ")}`);
    if (method === "Log.entryAdded") this.complaints.push(`${params.entry.level}: ${params.entry.text}`);
    if (method === "Page.javascriptDialogOpening") this.complaints.push(`a dialog: ${params.message}`);
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Page.loadEventFired") this.loaded();
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  async look({ width, height }, scheme) {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  }

  async visit(file) {
    const loaded = new Promise((done) => {
      this.loaded = done;
    });
    await this.send("Page.navigate", { url: pathToFileURL(file).href });
    await loaded;
    await this.settle();
  }

  /** Lets the page draw what it was asked to. */
  settle() {
    return this.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
  }

  async ask(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  mouse(type, x, y, more = {}) {
    return this.send("Input.dispatchMouseEvent", { type, x, y, button: type === "mouseMoved" && !more.buttons ? "none" : "left", ...more });
  }

  async picture(file) {
    const height = await this.ask("document.documentElement.scrollHeight");
    const width = await this.ask("innerWidth");
    const clip = { x: 0, y: 0, width, height: Math.min(height, 16_000), scale: 1 };
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true, clip });
    writeFileSync(file, Buffer.from(data, "base64"));
  }

  close() {
    return this.browser.send("Target.closeTarget", { targetId: this.targetId });
  }
}

/** The pixels of a canvas, read from a copy: a canvas that is read itself is drawn in another way from then on. */
const PIXELS = `((canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  return copy.getImageData(0, 0, canvas.width, canvas.height).data;
})`;

/** How many colours each canvas of a chart has: one is an empty canvas. */
const COLOURS = `[...document.querySelectorAll("[data-chart] .u-wrap canvas")].map((canvas) => {
  return new Set(new Uint32Array(${PIXELS}(canvas).buffer)).size;
})`;

/** The middle of the first chart's plotting area, once it is in view. */
const MIDDLE = (selector) => `(() => {
  const over = document.querySelector('${selector} .u-over');
  over.scrollIntoView({ block: "center", behavior: "instant" });
  const { left, top, width, height } = over.getBoundingClientRect();
  return { left, top, width, height };
})()`;

/** What the box at the pointer tells. */
const TOLD = `document.getElementById("tip").hidden ? "" : document.getElementById("tip").innerText`;

/** Keeps the picture of the first chart. */
const KEEP = `void (globalThis.kept = ${PIXELS}(document.querySelector("[data-chart] .u-wrap canvas")))`;

/** The share of the first chart's inked pixels that are others than in the kept picture. */
const CHANGED = `(() => {
  const now = ${PIXELS}(document.querySelector("[data-chart] .u-wrap canvas"));
  let [inked, changed] = [0, 0];
  for (let at = 3; at < now.length; at += 4) {
    if (now[at] > 128 || kept[at] > 128) inked += 1;
    if (Math.abs(now[at] - kept[at]) > 128) changed += 1;
  }
  return changed / inked;
})()`;

/** Everything that is wrong with a page as it is shown. */
async function check(browser, file, wanted) {
  const tab = await Tab.open(browser);
  await tab.look(WIDE, "light");
  await tab.visit(file);
  const places = await tab.ask(`document.querySelectorAll("[data-chart]").length`);
  const colours = await tab.ask(COLOURS);
  assert.ok(places > 0, "the page has charts");
  assert.ok(colours.length >= places, `${colours.length} canvases for ${places} charts`);
  assert.ok(colours.every((count) => count > 3), `an empty canvas: ${colours}`);
  await checkHover(tab);
  await checkKeys(tab);
  await checkZoom(tab);
  await checkText(tab, wanted);
  for (const [width, name] of [[WIDE, "wide"], [NARROW, "narrow"]]) {
    await tab.look(width, "light");
    await tab.settle();
    const overflow = await tab.ask("document.documentElement.scrollWidth - innerWidth");
    assert.ok(overflow <= 0, `the ${name} page is ${overflow} pixels too wide`);
  }
  await tab.look(WIDE, "dark");
  await tab.settle();
  const redrawn = await tab.ask(COLOURS);
  assert.ok(redrawn.every((count) => count > 3), `an empty canvas in the dark: ${redrawn}`);
  assert.deepEqual(tab.complaints, [], "the page complains of nothing");
  assert.deepEqual(tab.requests.map((url) => url.split("#")[0]), [pathToFileURL(file).href], "the page asks for nothing but itself");
  await tab.close();
  return `${places} charts, ${colours.length} canvases`;
}

async function checkHover(tab) {
  const { left, top, width, height } = await tab.ask(MIDDLE("[data-chart]"));
  await tab.settle();
  let told = "";
  // A scatter tells only what is near the pointer, so it is led across.
  for (let step = 1; step < 40 && !/\d/.test(told); step += 1) {
    await tab.mouse("mouseMoved", left + (width * step) / 40, top + (height * ((step * 7) % 40)) / 40);
    await tab.settle();
    told = await tab.ask(TOLD);
  }
  assert.match(told, /\d/, "the pointer tells a value");
  await tab.mouse("mouseMoved", left + width / 2, 2);
}

/** The arrow keys tell values too, where the first chart is one of lines. */
async function checkKeys(tab) {
  const ready = await tab.ask(`(() => {
    const plot = document.querySelector("[data-chart] .uplot[tabindex]");
    plot?.scrollIntoView({ block: "center", behavior: "instant" });
    plot?.focus({ preventScroll: true });
    return Boolean(plot);
  })()`);
  if (!ready) return;
  await tab.settle();
  for (const type of ["keyDown", "keyUp"]) await tab.send("Input.dispatchKeyEvent", { type, key: "ArrowRight", code: "ArrowRight" });
  await tab.settle();
  assert.match(await tab.ask(TOLD), /\d/, "an arrow key tells a value");
  await tab.ask("document.activeElement.blur()");
}

async function checkZoom(tab) {
  await tab.ask(KEEP);
  const { left, top, width, height } = await tab.ask(MIDDLE("[data-chart]"));
  const [from, to, y] = [left + width * 0.3, left + width * 0.6, top + height / 2];
  await tab.mouse("mouseMoved", from, y);
  await tab.mouse("mousePressed", from, y, { clickCount: 1 });
  for (let step = 1; step <= 6; step += 1) await tab.mouse("mouseMoved", from + ((to - from) * step) / 6, y + step * 6, { buttons: 1 });
  await tab.mouse("mouseReleased", to, y + 36, { clickCount: 1 });
  await tab.settle();
  const zoomed = await tab.ask(CHANGED);
  assert.ok(zoomed > 0.05, `a drag zooms in, but changed ${zoomed}`);
  for (const clickCount of [1, 2]) {
    await tab.mouse("mousePressed", from, y, { clickCount });
    await tab.mouse("mouseReleased", from, y, { clickCount });
  }
  await tab.settle();
  const back = await tab.ask(CHANGED);
  assert.ok(back < 0.01, `a double click shows all again, but changed ${back}`);
  await tab.mouse("mouseMoved", left + width / 2, 2);
}

/** What a user wrote is there as text, and is nothing else. */
async function checkText(tab, wanted) {
  const count = await tab.ask(`document.querySelectorAll("script").length`);
  assert.equal(count, 2, "the page has its data and its script, and no other");
  const foreign = await tab.ask(`document.querySelectorAll("img, iframe, object, embed, link, [onerror], [onload], [onclick]").length`);
  assert.equal(foreign, 0, "no text became an element");
  assert.equal(await tab.ask("typeof globalThis.hostile"), "undefined", "no text was run");
  const text = await tab.ask("document.body.innerText");
  for (const words of wanted) assert.ok(text.includes(words), `the page says ${words}`);
}

/** Leads the pointer to the middle of the first chart, and keeps what is in view. */
async function pictureOfHover(tab, file) {
  const { left, top, width, height } = await tab.ask(MIDDLE("[data-chart]"));
  await tab.settle();
  await tab.mouse("mouseMoved", left + width * 0.4, top + height / 2);
  await tab.settle();
  const { data } = await tab.send("Page.captureScreenshot", { format: "png" });
  writeFileSync(file, Buffer.from(data, "base64"));
}

async function pictures(browser, file, folder) {
  mkdirSync(folder, { recursive: true });
  const name = basename(dirname(resolve(file)));
  for (const scheme of ["light", "dark"]) {
    for (const [size, label] of [[WIDE, "wide"], [NARROW, "narrow"]]) {
      const tab = await Tab.open(browser);
      await tab.look(size, scheme);
      await tab.visit(file);
      await tab.picture(join(folder, `${name}-${label}-${scheme}.png`));
      if (size === WIDE) await pictureOfHover(tab, join(folder, `${name}-hover-${scheme}.png`));
      await tab.close();
    }
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pictures: { type: "string" }, hostile: { type: "string", multiple: true, default: [] } },
});
const browser = new Browser();
let [passed, failed] = [0, 0];
try {
  for (const file of positionals) {
    try {
      const what = await check(browser, resolve(file), values.hostile);
      passed += 1;
      console.log(`ok      ${file}: ${what}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${file}: ${error.message}`);
    }
    if (values.pictures) await pictures(browser, resolve(file), values.pictures);
  }
} finally {
  await browser.close();
}
console.log(`browser: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
