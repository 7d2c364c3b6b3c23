// Pictures of pages and what axe finds on them: node dev/shots.mjs URL OUT [name=path ...]
import { mkdir, readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const [base, out, ...pages] = process.argv.slice(2);
const widths = (process.env.WIDTHS ?? "1440,390").split(",").map(Number);
const themes = (process.env.THEMES ?? "light,dark").split(",");
const axe = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
await mkdir(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium-headless-shell", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
for (const theme of themes) for (const width of widths) {
  const context = await browser.newContext({ viewport: { width, height: width < 500 ? 844 : 900 }, colorScheme: theme, bypassCSP: true });
  if (process.env.COOKIE) await context.addCookies([{ name: process.env.COOKIE.split("=")[0], value: process.env.COOKIE.split("=").slice(1).join("="), url: base }]);
  const page = await context.newPage();
  page.on("pageerror", (e) => console.log("ERROR", page.url(), e.message));
  page.on("console", (m) => m.type() === "error" && console.log("CONSOLE", page.url(), m.text()));
  for (const p of pages) {
    const at = p.indexOf("=");
    await page.goto(base + p.slice(at + 1));
    await page.waitForTimeout(Number(process.env.WAIT ?? 900));
    await page.screenshot({ path: `${out}/${p.slice(0, at)}-${theme}-${width}.png` });
    if (process.env.AXE !== "0") {
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
      for (const v of found.violations) console.log("AXE", theme, width, p.slice(0, at), v.impact, v.id, v.nodes.length, v.nodes[0].html.slice(0, 160), v.nodes[0].failureSummary?.split("\n")[1]?.slice(0, 140));
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (wide) console.log("WIDE", theme, width, p);
  }
  await context.close();
}
await browser.close();
