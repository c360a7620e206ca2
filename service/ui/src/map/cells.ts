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
  const cells: Cells = { ids: [], index: new Map(), properties: [], flat: [], ends: [], lonlat: [] };
  for (const feature of collection.features) {
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
