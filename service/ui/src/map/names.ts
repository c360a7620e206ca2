import { centre, type Cells } from "./cells";
import type { Topology } from "./topology";

/** Where an area's name stands: x, y and the width of the free circle around it, in Web Mercator metres. */
export interface Spot {
  x: number;
  y: number;
  width: number;
}

/** Trial points per side of an area's box. */
const TRIALS = 7;

/** For each area the point inside that is farthest from its border, among a grid of trial points. */
export function areaSpots(cells: Cells, topology: Topology, area: Int32Array, numAreas: number): Spot[] {
  const lines = piecesByArea(topology, area, numAreas);
  const largest = largestUnits(cells, area, numAreas);
  return lines.map((pieces, index) => pole(topology.pieces, pieces) ?? spare(cells, largest[index]!));
}

function piecesByArea({ arc, left, right }: Topology, area: Int32Array, numAreas: number): number[][] {
  const found = Array.from({ length: numAreas }, (): number[] => []);
  for (let i = 0; i + 1 < arc.length; i++) {
    const first = arc[i]!;
    const a = area[left[first]!]!;
    const b = right[first]! < 0 ? -1 : area[right[first]!]!;
    if (a === b) continue;
    for (const side of [a, b]) if (side >= 0) for (let piece = first; piece < arc[i + 1]!; piece++) found[side]!.push(piece);
  }
  return found;
}

function pole(xy: Float64Array, pieces: number[]): Spot | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const piece of pieces) {
    const [x, y] = [xy[4 * piece]!, xy[4 * piece + 1]!];
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  let best: Spot | null = null;
  for (let row = 0; row < TRIALS; row++) {
    for (let column = 0; column < TRIALS; column++) {
      const x = west + ((column + 0.5) / TRIALS) * (east - west);
      const y = south + ((row + 0.5) / TRIALS) * (north - south);
      const away = distance(xy, pieces, x, y, best ? best.width / 2 : 0);
      if (away > 0 && 2 * away > (best?.width ?? 0)) best = { x, y, width: 2 * away };
    }
  }
  return best;
}

/** Metres to the nearest piece; 0 outside, or once it is known to be below `enough`. */
function distance(xy: Float64Array, pieces: number[], x: number, y: number, enough: number): number {
  let inside = false;
  let least = Infinity;
  const floor = enough * enough;
  for (const piece of pieces) {
    const at = 4 * piece;
    const x0 = xy[at]! - x;
    const y0 = xy[at + 1]! - y;
    const x1 = xy[at + 2]! - x;
    const y1 = xy[at + 3]! - y;
    if (y0 > 0 !== y1 > 0 && 0 < x1 - (y1 * (x0 - x1)) / (y0 - y1)) inside = !inside;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const along = Math.max(0, Math.min(1, -(x0 * dx + y0 * dy) / (dx * dx + dy * dy)));
    const away = (x0 + along * dx) ** 2 + (y0 + along * dy) ** 2;
    if (away < least) {
      least = away;
      if (least <= floor) return 0;
    }
  }
  return inside ? Math.sqrt(least) : 0;
}

function largestUnits(cells: Cells, area: Int32Array, numAreas: number): Int32Array {
  const largest = new Int32Array(numAreas).fill(-1);
  const most = new Float64Array(numAreas).fill(-1);
  area.forEach((index, unit) => {
    if (index < 0) return;
    const size = boxSize(cells, unit);
    if (size > most[index]!) {
      most[index] = size;
      largest[index] = unit;
    }
  });
  return largest;
}

const boxSize = ({ boxes }: Cells, unit: number): number =>
  Math.max(0, (boxes[4 * unit + 2]! - boxes[4 * unit]!) * (boxes[4 * unit + 3]! - boxes[4 * unit + 1]!));

function spare(cells: Cells, unit: number): Spot {
  if (unit < 0) return { x: 0, y: 0, width: 0 };
  const [x, y] = centre(cells, unit);
  return { x, y, width: Math.sqrt(boxSize(cells, unit)) / 2 };
}

/** What a code adds to its parent's; without one the last digits, which distinguish neighbours. */
/** A grid's code without the township before it; other names as they are. */
export const brief = (code: string): string => (/^\d{9,}$/.test(code) ? code.slice(-6) : code);

export function shortName(code: string, parent: string | null): string {
  if (parent && code.startsWith(parent) && code.length > parent.length) return code.slice(parent.length);
  return /^\d{9,}$/.test(code) ? code.slice(-3) : code;
}
