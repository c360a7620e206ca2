import type { Cells } from "./cells";
import { PairTable } from "./pairTable";

/** Nobody is on the other side of a border. */
export const OUTSIDE = -1;

/** Polylines: flat x, y and where each line ends in them. */
export interface Lines {
  flat: number[];
  ends: number[];
}

/** Every straight piece of border between two units (or a unit and the outside), found by equal end points. */
export class Topology {
  private constructor(
    readonly numUnits: number,
    /** x, y of both ends of each piece, Web Mercator metres. */
    readonly pieces: Float64Array,
    readonly left: Int32Array,
    readonly right: Int32Array,
    /** Arc i is the connected pieces `arc[i] … arc[i + 1] - 1`, all with the same unit on either side. */
    readonly arc: Int32Array,
    /** Neighbours of unit i are `neighbour.subarray(first[i], first[i + 1])`. */
    readonly first: Int32Array,
    readonly neighbour: Int32Array,
  ) {}

  static of(cells: Cells): Topology {
    const size = cells.lonlat.reduce((sum, lonlat) => sum + lonlat.length / 2, 0);
    const vertices = new PairTable(size / 2);
    const known = new PairTable(size / 2);
    const pieces = new Float64Array(4 * size);
    const left = new Int32Array(size);
    const right = new Int32Array(size).fill(OUTSIDE);
    const joined = new Uint8Array(size);
    let count = 0;
    const [west, south] = corner(cells);
    const vertex = (lonlat: Int32Array, at: number): number => {
      const fresh = vertices.size;
      const found = vertices.getOrPut(lonlat[at]! - west, lonlat[at + 1]! - south, fresh);
      return found < 0 ? fresh : found;
    };
    for (let unit = 0; unit < cells.ids.length; unit++) {
      const lonlat = cells.lonlat[unit]!;
      const flat = cells.flat[unit]!;
      let start = 0;
      for (const end of cells.ends[unit]!.flat()) {
        let from = vertex(lonlat, start);
        let before = false;
        for (let at = start + 2; at < end; at += 2) {
          const to = vertex(lonlat, at);
          if (to === from) continue;
          const found = known.getOrPut(Math.min(from, to), Math.max(from, to), count);
          if (found < 0) {
            pieces.set([flat[at - 2]!, flat[at - 1]!, flat[at]!, flat[at + 1]!], 4 * count);
            left[count] = unit;
            if (before) joined[count] = 1;
            count++;
          } else if (left[found] !== unit) {
            right[found] = unit;
          }
          before = found < 0;
          from = to;
        }
        start = end;
      }
    }
    const l = left.slice(0, count);
    const r = right.slice(0, count);
    return new Topology(cells.ids.length, pieces.slice(0, 4 * count), l, r, arcs(l, r, joined), ...neighbours(cells.ids.length, l, r));
  }

  /** All lines that part two areas, or an area and the outside. */
  borders(area: Int32Array): Lines {
    return this.lines((left, right) => right === OUTSIDE || area[right] !== area[left]);
  }

  /** The outline of some units: what has exactly one of them on either side. */
  outline(units: ReadonlySet<number>): Lines {
    return this.lines((left, right) => units.has(left) !== (right !== OUTSIDE && units.has(right)));
  }

  /** For each area the areas that touch it. */
  areaNeighbours(area: Int32Array, numAreas: number): Set<number>[] {
    const touching = Array.from({ length: numAreas }, () => new Set<number>());
    for (let i = 0; i + 1 < this.arc.length; i++) {
      const other = this.right[this.arc[i]!]!;
      if (other === OUTSIDE) continue;
      const a = area[this.left[this.arc[i]!]!]!;
      const b = area[other]!;
      if (a === b || a < 0 || b < 0) continue;
      touching[a]!.add(b);
      touching[b]!.add(a);
    }
    return touching;
  }

  /** The line between two areas. */
  between(area: Int32Array, one: number, other: number): Lines {
    return this.lines((left, right) => right !== OUTSIDE && ((area[left] === one && area[right] === other) || (area[left] === other && area[right] === one)));
  }

  /** The two areas whose line is nearest to a point, if it is near enough. */
  lineNear(area: Int32Array, x: number, y: number, reach: number): [number, number] | null {
    let nearest = reach * reach;
    let found: [number, number] | null = null;
    for (let i = 0; i + 1 < this.arc.length; i++) {
      const first = this.arc[i]!;
      const other = this.right[first]!;
      if (other === OUTSIDE) continue;
      const [a, b] = [area[this.left[first]!]!, area[other]!];
      if (a === b || a < 0 || b < 0) continue;
      for (let piece = first; piece < this.arc[i + 1]!; piece++) {
        const away = squaredDistance(this.pieces, 4 * piece, x, y);
        if (away <= nearest) [nearest, found] = [away, [a, b]];
      }
    }
    return found;
  }

  private lines(wanted: (left: number, right: number) => boolean): Lines {
    const flat: number[] = [];
    const ends: number[] = [];
    const { pieces } = this;
    for (let i = 0; i + 1 < this.arc.length; i++) {
      const first = this.arc[i]!;
      if (!wanted(this.left[first]!, this.right[first]!)) continue;
      flat.push(pieces[4 * first]!, pieces[4 * first + 1]!);
      for (let piece = first; piece < this.arc[i + 1]!; piece++) flat.push(pieces[4 * piece + 2]!, pieces[4 * piece + 3]!);
      ends.push(flat.length);
    }
    return { flat, ends };
  }
}

/** Pieces that follow each other along a ring and have the same neighbours, as one. */
function arcs(left: Int32Array, right: Int32Array, joined: Uint8Array): Int32Array {
  const starts: number[] = [];
  for (let piece = 0; piece < left.length; piece++) {
    if (!joined[piece] || left[piece] !== left[piece - 1] || right[piece] !== right[piece - 1]) starts.push(piece);
  }
  starts.push(left.length);
  return Int32Array.from(starts);
}

function squaredDistance(ends: Float64Array, at: number, x: number, y: number): number {
  const [dx, dy] = [ends[at + 2]! - ends[at]!, ends[at + 3]! - ends[at + 1]!];
  const along = Math.max(0, Math.min(1, ((x - ends[at]!) * dx + (y - ends[at + 1]!) * dy) / (dx * dx + dy * dy || 1)));
  return (ends[at]! + along * dx - x) ** 2 + (ends[at + 1]! + along * dy - y) ** 2;
}

function corner(cells: Cells): [number, number] {
  let west = Infinity;
  let south = Infinity;
  for (const lonlat of cells.lonlat) {
    for (let at = 0; at < lonlat.length; at += 2) {
      west = Math.min(west, lonlat[at]!);
      south = Math.min(south, lonlat[at + 1]!);
    }
  }
  return [west, south];
}

function neighbours(numUnits: number, left: Int32Array, right: Int32Array): [Int32Array, Int32Array] {
  const sets = Array.from({ length: numUnits }, () => new Set<number>());
  for (let piece = 0; piece < left.length; piece++) {
    const other = right[piece]!;
    if (other === OUTSIDE) continue;
    sets[left[piece]!]!.add(other);
    sets[other]!.add(left[piece]!);
  }
  const first = new Int32Array(numUnits + 1);
  sets.forEach((set, unit) => (first[unit + 1] = first[unit]! + set.size));
  return [first, Int32Array.from(sets.flatMap((set) => [...set].sort((a, b) => a - b)))];
}
