import type { CellProperties } from "../api/types";

/** The land of every unit: gapless polygons, with one entry per unit in each array. */
export interface Cells {
  ids: string[];
  index: Map<string, number>;
  properties: CellProperties[];
  /** Flat x, y of all rings of a unit, in Web Mercator metres. */
  flat: Float64Array[];
  /** Per polygon of a unit the ends of its rings in `flat`. */
  ends: number[][][];
  /** Flat longitude, latitude as they came, in units of 1e-7 degrees. */
  lonlat: Int32Array[];
  /** west, south, east, north of every unit, one after the other, in Web Mercator metres. */
  boxes: Float64Array;
}

type Ring = [number, number][];

interface CellFeature {
  properties: CellProperties;
  geometry: { type: "Polygon"; coordinates: Ring[] } | { type: "MultiPolygon"; coordinates: Ring[][] } | null;
}

export interface CellCollection {
  features: CellFeature[];
}

const EARTH = 6378137;

export const mercator = (lon: number, lat: number): [number, number] => [
  (lon * Math.PI * EARTH) / 180,
  EARTH * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)),
];

/** Polygons of the layer `cells` as flat arrays, which both the drawing and the topology read. */
export function readCells(collection: CellCollection): Cells {
  const cells: Cells = { ids: [], index: new Map(), properties: [], flat: [], ends: [], lonlat: [], boxes: new Float64Array(4 * collection.features.length) };
  for (const feature of collection.features) {
    const box = cells.boxes.subarray(4 * cells.ids.length, 4 * cells.ids.length + 4);
    box.set([Infinity, Infinity, -Infinity, -Infinity]);
    const geometry = feature.geometry;
    const polygons = geometry === null ? [] : geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    const size = polygons.reduce((sum, rings) => sum + rings.reduce((inner, ring) => inner + ring.length, 0), 0);
    const flat = new Float64Array(2 * size);
    const lonlat = new Int32Array(2 * size);
    const ends: number[][] = [];
    let at = 0;
    for (const rings of polygons) {
      const ringEnds: number[] = [];
      for (const ring of rings) {
        for (const [lon, lat] of ring) {
          const [x, y] = mercator(lon, lat);
          flat[at] = x;
          flat[at + 1] = y;
          if (x < box[0]!) box[0] = x;
          if (y < box[1]!) box[1] = y;
          if (x > box[2]!) box[2] = x;
          if (y > box[3]!) box[3] = y;
          lonlat[at] = Math.round(lon * 1e7);
          lonlat[at + 1] = Math.round(lat * 1e7);
          at += 2;
        }
        ringEnds.push(at);
      }
      ends.push(ringEnds);
    }
    cells.index.set(feature.properties.id, cells.ids.length);
    cells.ids.push(feature.properties.id);
    cells.properties.push(feature.properties);
    cells.flat.push(flat);
    cells.ends.push(ends);
    cells.lonlat.push(lonlat);
  }
  return cells;
}

/** Whether a unit's land holds a point (even-odd over all rings). */
export function holds(cells: Cells, unit: number, x: number, y: number): boolean {
  const flat = cells.flat[unit]!;
  let inside = false;
  let start = 0;
  for (const ends of cells.ends[unit]!) {
    for (const end of ends) {
      for (let at = start, last = end - 2; at < end; last = at, at += 2) {
        const [y0, y1] = [flat[last + 1]!, flat[at + 1]!];
        if (y0 > y !== y1 > y && x < flat[at]! + ((y - y1) * (flat[last]! - flat[at]!)) / (y0 - y1)) inside = !inside;
      }
      start = end;
    }
  }
  return inside;
}

/** The middle of a unit's largest ring by area, or of its box where it has none. */
export function centre(cells: Cells, unit: number): [number, number] {
  const flat = cells.flat[unit]!;
  let best = 0;
  let found: [number, number] | null = null;
  let start = 0;
  for (const ends of cells.ends[unit]!) {
    const end = ends[0] ?? start;
    const [ox, oy] = [flat[start] ?? 0, flat[start + 1] ?? 0];
    let [twice, sx, sy] = [0, 0, 0];
    for (let at = start; at + 3 < end; at += 2) {
      const [x0, y0, x1, y1] = [flat[at]! - ox, flat[at + 1]! - oy, flat[at + 2]! - ox, flat[at + 3]! - oy];
      const cross = x0 * y1 - x1 * y0;
      twice += cross;
      sx += (x0 + x1) * cross;
      sy += (y0 + y1) * cross;
    }
    if (Math.abs(twice) > best) {
      best = Math.abs(twice);
      found = [ox + sx / (3 * twice), oy + sy / (3 * twice)];
    }
    start = ends.at(-1) ?? start;
  }
  if (found) return found;
  const at = 4 * unit;
  return [(cells.boxes[at]! + cells.boxes[at + 2]!) / 2, (cells.boxes[at + 1]! + cells.boxes[at + 3]!) / 2];
}
