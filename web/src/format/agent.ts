const programs: [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, "Edge"], [/\bOPR\//, "Opera"], [/\bSamsungBrowser\//, "Samsung Internet"], [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bChrom(e|ium)\/|\bHeadlessChrome\/|\bCriOS\//, "Chrome"], [/\bVersion\/.*\bSafari\//, "Safari"],
];
const systems: [RegExp, string][] = [
  [/\bAndroid\b/, "Android"], [/\biPhone\b/, "iPhone"], [/\biPad\b/, "iPad"], [/\bWindows\b/, "Windows"], [/\bMac OS X\b/, "macOS"], [/\bCrOS\b/, "ChromeOS"], [/\bLinux\b|\bX11\b/, "Linux"],
];
const first = (of: [RegExp, string][], agent: string) => of.find(([sign]) => sign.test(agent))?.[1];

/** What a User-Agent (RFC 9110, 10.1.5) is called: "Firefox on Linux"; of a program that is no browser, its name and version. */
export function agentName(agent: string): string {
  const program = first(programs, agent);
  if (!program) return agent.split(" ")[0] || "Unknown program";
  const system = first(systems, agent);
  return system ? `${program} on ${system}` : program;
}
