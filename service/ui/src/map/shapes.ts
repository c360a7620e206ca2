import { mercator } from "./cells";

/** Shapes that are only drawn: footprints of buildings, barriers. */
export interface Shape {
  /** Flat x, y of all rings or lines, Web Mercator metres. */
  flat: Float64Array;
  ends: number[];
  closed: boolean;
  /** west, south, east, north */
  box: [number, number, number, number];
  properties: Record<string, unknown>;
}

type Point = [number, number];

interface Geometry {
  type: string;
  coordinates: unknown;
}

interface Collection {
  features?: { properties: Record<string, unknown>; geometry: Geometry | null }[];
}

/** How wide a building is drawn of which only a point is known. */
const POINT_M = 9;

function linesOf({ type, coordinates }: Geometry): Point[][] {
  if (type === "Point") {
    const [lon, lat] = coordinates as Point;
    const high = POINT_M / 2 / 111_320;
    const wide = high / Math.cos((lat * Math.PI) / 180);
    return [[[lon - wide, lat - high], [lon + wide, lat - high], [lon + wide, lat + high], [lon - wide, lat + high], [lon - wide, lat - high]]];
  }
  if (type === "LineString") return [coordinates as Point[]];
  if (type === "MultiPolygon") return (coordinates as Point[][][]).flat();
  return type === "Polygon" || type === "MultiLineString" ? (coordinates as Point[][]) : [];
}

export function readShapes(collection: object): Shape[] {
  return ((collection as Collection).features ?? []).flatMap(({ geometry, properties }) => {
    if (!geometry) return [];
    const lines = linesOf(geometry);
    const flat = new Float64Array(2 * lines.reduce((sum, points) => sum + points.length, 0));
    const box: Shape["box"] = [Infinity, Infinity, -Infinity, -Infinity];
    let at = 0;
    const ends = lines.map((points) => {
      for (const [lon, lat] of points) {
        const [x, y] = mercator(lon, lat);
        flat[at++] = x;
        flat[at++] = y;
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      }
      return at;
    });
    return [{ flat, ends, closed: !geometry.type.endsWith("LineString"), box, properties }];
  });
}
