// The browser of the end-to-end test: how it starts, what counts as a complaint, how a page is examined.
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const axe = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

export const open = () => chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** Collects what the page writes as an error. That nobody is signed in yet is told by a 401, which the browser writes down. */
export function watch(page, complaints) {
  page.on("pageerror", (e) => complaints.push(`page error on ${page.url()}: ${e.message}`));
  page.on("console", (m) => {
    if (m.type() !== "error") return;
    const of = m.location().url ?? "";
    if (of.endsWith("/api/v1/me") && m.text().includes("401")) return;
    complaints.push(`console error on ${page.url()}: ${m.text()} ${of}`);
  });
}

/** A picture without motion. */
export const pictureOf = (page, path) => page.screenshot({ path, animations: "disabled", caret: "hide" });

const size = { 1440: { width: 1440, height: 900 }, 390: { width: 390, height: 844 } };
const pairs = [[[1440, "light"], [390, "dark"]], [[1440, "dark"], [390, "light"]]];
let examined = 0;

/**
 * Opens a page and looks at it in both sizes and both themes: takes pictures and returns what is wrong. Pages take turns at which size has
 * which theme, and in which of the two looks axe examines them; those that are only glanced at are looked at once. A long campaign does all of it.
 */
export async function examine(page, at, name, out, { once = false } = {}) {
  const complaints = [];
  const turn = examined++;
  const whole = Boolean(process.env.MAINSTAY_SOAK);
  const looks = whole ? pairs.flat() : once ? [pairs.flat()[turn % 4]] : pairs[turn % 2];
  await page.goto(new URL(at, page.url()).href);
  await page.evaluate(axe);
  for (const [i, [width, scheme]] of looks.entries()) {
    const where = `${name} at ${width} px, ${scheme}`;
    await page.setViewportSize(size[width]);
    await page.emulateMedia({ colorScheme: scheme });
    await settled(page);
    await pictureOf(page, `${out}/${name}-${scheme}-${width}.png`);
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) complaints.push(`${where}: wider than the window`);
    if (whole || i === (turn >> 1) % looks.length) complaints.push(...await barriers(page, where));
  }
  return complaints;
}

/** What axe finds on the page as it is that would keep people out. */
async function barriers(page, where) {
  const found = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  return found.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
    .flatMap((v) => v.nodes.map((n) => `${where}: ${v.id} (${v.impact}): ${n.html.slice(0, 200)}: ${n.failureSummary?.split("\n")[1]?.trim()}`));
}

/** Looks at what is open on the page, a dialog for example, in both themes. */
export async function glance(page, name, out) {
  const complaints = [];
  await page.evaluate(axe);
  for (const scheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await settled(page);
    await pictureOf(page, `${out}/${name}-${scheme}.png`);
    complaints.push(...await barriers(page, `${name}, ${scheme}`));
  }
  return complaints;
}

/** A page has settled when it has its heading, nothing is loading or being arranged, and no request is under way but the streams. */
async function settled(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]") && ![...document.querySelectorAll("[role=status]")].some((e) => e.textContent === "Arranging…"));
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {}))));
}
