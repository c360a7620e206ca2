import { describe, expect, it } from "vitest";
import { tilesOf } from "./baseMap";

const urlOf = (template: string, tile: [number, number, number]): string | undefined => {
  const source = tilesOf(template);
  return source.getTileUrlFunction()(tile, 1, source.getProjection() as never);
};

describe("base map", () => {
  it("fills in zoom, column and row as XYZ and as WMTS", () => {
    expect(urlOf("https://m.example/{z}/{x}/{y}.png#© M", [3, 6, 2])).toBe("https://m.example/3/6/2.png");
    expect(urlOf("https://m.example/w?TILEMATRIX={TileMatrix}&TILECOL={TileCol}&TILEROW={TileRow}", [3, 6, 2])).toBe("https://m.example/w?TILEMATRIX=3&TILECOL=6&TILEROW=2");
    expect(urlOf("https://t{0-7}.m.example/{z}/{x}/{y}", [3, 6, 2])).toMatch(/^https:\/\/t[0-7]\.m\.example\/3\/6\/2$/);
  });

  it("cuts tiles in degrees where the set of matrices says so", () => {
    const source = tilesOf("https://t0.m.example/vec_c/wmts?TILEMATRIXSET=c&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}");
    expect(source.getProjection()?.getCode()).toBe("EPSG:4326");
    expect(source.getTileGrid()!.getTileCoordForCoordAndZ([116.3, 39.9], 10)).toEqual([10, 842, 142]);
  });
});
