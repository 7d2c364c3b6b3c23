// Output of commands, made safe and readable: colour codes go, carriage
// returns overwrite their line as a terminal would.

// ECMA-48: CSI sequences, OSC strings, and two-character escapes.
const escapes = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-_]/g;
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

export function plainText(text: string): string {
  return text
    .replace(escapes, "")
    .replace(/\r\n/g, "\n")
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1).replace(/\r$/, ""))
    .join("\n")
    .replace(controls, "");
}
