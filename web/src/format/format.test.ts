import { describe, expect, test } from "vitest";
import { csv } from "./csv";
import { bytes, count, plural, unitOf, withUnit } from "./number";
import { plainText } from "./output";
import { age, ago, duration, goDuration, parseLocal, written } from "./time";

describe("time", () => {
  test("durations", () => {
    expect(duration(250)).toBe("250 ms");
    expect(duration(45_000)).toBe("45 s");
    expect(duration(1_500)).toBe("1.5 s");
    expect(duration(3 * 3_600_000 + 5 * 60_000)).toBe("3 h 05 min");
    expect(duration(4 * 86_400_000 + 2 * 3_600_000)).toBe("4 d 2 h");
    expect(goDuration("1m30s")).toBe(90_000);
    expect(goDuration("250ms")).toBe(250);
  });
  test("ago", () => {
    expect(ago(0, 1_000)).toBe("now");
    expect(ago(0, 120_000)).toBe("2 min ago");
    expect(ago(120_000, 0)).toBe("in 2 min");
    expect(ago(0, 7_700)).toBe("8 s ago");
    expect(age(59_600)).toBe("1 min");
    expect(age(300)).toBe("0 s");
  });
});

describe("times written by hand", () => {
  const now = new Date(2026, 10, 23, 12, 0).getTime();
  test("what is read is what is written", () => {
    const at = new Date(2026, 10, 3, 14, 5).getTime();
    expect(parseLocal("2026-11-03 14:05", now)).toBe(at);
    expect(parseLocal("2026-11-3T14:05:00", now)).toBe(at);
    expect(parseLocal(written(at), now)).toBe(at);
    expect(parseLocal("2026-11-03", now)).toBe(new Date(2026, 10, 3).getTime());
    expect(parseLocal("14:05", now)).toBe(new Date(2026, 10, 23, 14, 5).getTime());
  });
  test("what is no time is none", () => {
    for (const t of ["", "now", "11/03/2026", "2026-02-30", "2026-13-01", "2026-11-03 25:00", "12"]) expect(parseLocal(t, now)).toBeUndefined();
  });
});

describe("numbers", () => {
  test("units", () => {
    expect(bytes(0)).toBe("0 B");
    expect(bytes(1536)).toBe("1.5 KiB");
    expect(count(1_234_567)).toBe("1.23 M");
    expect(withUnit(0.4217, "ratio")).toBe("42.2 %");
    expect(withUnit(0.0031, "seconds")).toBe("3.1 ms");
    expect(withUnit(undefined, "bytes")).toBe("–");
    expect(withUnit(100, "percent")).toBe("100 %");
    expect(unitOf("system_memory_used_bytes")).toBe("bytes");
    expect(plural(1, "alert")).toBe("1 alert");
    expect(plural(1200, "alert")).toBe("1,200 alerts");
  });
});

describe("output", () => {
  test("colours, titles and carriage returns go", () => {
    expect(plainText("\u001b[31mred\u001b[0m \u001b]0;title\u0007done")).toBe("red done");
    expect(plainText("10%\r50%\r100%\nnext")).toBe("100%\nnext");
    expect(plainText("a\r\nb\r\n")).toBe("a\nb\n");
    expect(plainText("bell\u0007\u0000")).toBe("bell");
  });
});

describe("csv", () => {
  test("quotes and disarms", () => {
    expect(csv(["a", "b"], [['say "hi"', "x,y"], ["=1+1", -5]])).toBe('a,b\r\n"say ""hi""","x,y"\r\n\'=1+1,-5\r\n');
  });
});
