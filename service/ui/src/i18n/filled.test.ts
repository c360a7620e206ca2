import { describe, expect, it } from "vitest";
import { filled } from "./filled";

describe("texts", () => {
  it("take values, and the word that goes with a number", () => {
    const text = "{units} {units|unit|units} in {grid}";
    expect(filled(text, { units: 1, grid: "007" })).toBe("1 unit in 007");
    expect(filled(text, { units: 1204, grid: "007" })).toBe("1,204 units in 007");
    expect(filled(text, { units: 0 })).toBe("0 units in {grid}");
  });

  it("may leave a word out", () => {
    expect(filled("{n} step{n||s} wait{n|s|}", { n: 1 })).toBe("1 step waits");
    expect(filled("{n} step{n||s} wait{n|s|}", { n: 2 })).toBe("2 steps wait");
  });
});
