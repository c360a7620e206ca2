import { describe, expect, it } from "vitest";
import { centre, holds, mercator, readCells, type CellCollection } from "./cells";
import { colourAreas } from "./colouring";
import { areaSpots, shortName } from "./names";
import { PairTable } from "./pairTable";
import { Topology } from "./topology";

const STEP = 0.001;

/** Squares side by side, row by row, as the service sends them. */
function board(rows: number, columns: number): CellCollection {
  const features = Array.from({ length: rows * columns }, (_, i) => {
    const [x, y] = [115 + (i % columns) * STEP, 37 + Math.floor(i / columns) * STEP];
    const ring = [[x, y], [x + STEP, y], [x + STEP, y + STEP], [x, y + STEP], [x, y]] as [number, number][];
    const properties = { id: `u${i}`, name: null, households: 10, compound: null, community: null, grid: null, locked: false };
    return { properties, geometry: { type: "Polygon" as const, coordinates: [ring] } };
  });
  return { features };
}

const lengthOf = ({ flat, ends }: { flat: number[]; ends: number[] }): number => {
  let [sum, start] = [0, 0];
  for (const end of ends) {
    for (let at = start; at + 3 < end; at += 2) sum += Math.hypot(flat[at + 2]! - flat[at]!, flat[at + 3]! - flat[at + 1]!);
    start = end;
  }
  return sum;
};

describe("topology", () => {
  const cells = readCells(board(3, 4));
  const topology = Topology.of(cells);
  const side = mercator(STEP, 0)[0];

  it("finds the neighbours across every shared side", () => {
    const of = (unit: number) => [...topology.neighbour.subarray(topology.first[unit]!, topology.first[unit + 1]!)];
    expect(of(0)).toEqual([1, 4]);
    expect(of(5)).toEqual([1, 4, 6, 9]);
  });

  it("draws the outline of some units without the lines between them", () => {
    const around = lengthOf(topology.outline(new Set([5, 6])));
    expect(around / side).toBeGreaterThan(5.9);
    expect(around / side).toBeLessThan(7);
  });

  it("finds the line between two areas from a point beside it", () => {
    const area = Int32Array.from({ length: 12 }, (_, unit) => (unit % 4 < 2 ? 0 : 1));
    const [x, y] = mercator(115 + 2 * STEP, 37 + 1.5 * STEP);
    expect(topology.lineNear(area, x + 5, y, 10)?.sort()).toEqual([0, 1]);
    expect(topology.lineNear(area, x + 5, y, 4)).toBeNull();
    const tall = mercator(115, 37 + 3 * STEP)[1] - mercator(115, 37)[1];
    expect(lengthOf(topology.between(area, 1, 0))).toBeCloseTo(tall, 3);
    expect(topology.between(area, 0, 2).ends).toEqual([]);
  });

  it("parts areas by lines that touch both", () => {
    const area = Int32Array.from({ length: 12 }, (_, unit) => (unit % 4 < 2 ? 0 : 1));
    const outer = topology.borders(new Int32Array(12));
    const tall = mercator(115, 37 + 3 * STEP)[1] - mercator(115, 37)[1];
    expect((lengthOf(topology.borders(area)) - lengthOf(outer)) / tall).toBeCloseTo(1, 3);
    expect(topology.areaNeighbours(area, 2).map((set) => [...set])).toEqual([[1], [0]]);
  });

  it("knows which unit holds a point, and its middle", () => {
    const [x, y] = mercator(115 + 1.5 * STEP, 37 + 0.5 * STEP);
    expect(holds(cells, 1, x, y)).toBe(true);
    expect(holds(cells, 0, x, y)).toBe(false);
    expect(centre(cells, 1)[0]).toBeCloseTo(x, 3);
    expect(Math.abs(centre(cells, 1)[1] - y)).toBeLessThan(0.1);
  });

  it("writes the name of an area inside it", () => {
    const area = Int32Array.from({ length: 12 }, (_, unit) => (unit < 4 || unit % 4 === 0 ? 0 : 1));
    const spots = areaSpots(cells, topology, area, 2);
    spots.forEach(({ x, y }, index) => {
      const unit = cells.ids.findIndex((_, at) => holds(cells, at, x, y));
      expect(area[unit]).toBe(index);
    });
  });
});

describe("colours", () => {
  const touching = [new Set([1, 2]), new Set([0, 2]), new Set([0, 1, 3]), new Set([2])];

  it("differ between areas that touch", () => {
    const colour = colourAreas(touching);
    touching.forEach((others, area) => others.forEach((other) => expect(colour[other]).not.toBe(colour[area])));
  });

  it("stay as they were where that still fits", () => {
    const before = colourAreas(touching);
    expect([...colourAreas(touching, [...before])]).toEqual([...before]);
    const after = colourAreas([...touching.slice(0, 3), new Set([0, 2])], [...before]);
    expect(after[3]).not.toBe(after[0]);
    expect([...after.slice(0, 3)].filter((value, at) => value === before[at]).length).toBeGreaterThanOrEqual(2);
  });
});

describe("names", () => {
  it("are what a code adds to its parent's", () => {
    expect(shortName("131126100001003", "131126100001")).toBe("003");
    expect(shortName("131126100001003", null)).toBe("003");
    expect(shortName("新1", "131126100001")).toBe("新1");
  });
});

describe("the table of pairs", () => {
  it("keeps every pair apart while it grows", () => {
    const table = new PairTable(4);
    for (let i = 0; i < 5000; i++) expect(table.getOrPut(i % 71, i, i)).toBe(-1);
    for (let i = 0; i < 5000; i++) expect(table.getOrPut(i % 71, i, 0)).toBe(i);
    expect(table.size).toBe(5000);
  });
});
