import type { Cells } from "./cells";

/** Nobody is on the other side of a border. */
export const OUTSIDE = -1;

/** Every straight piece of border between two units (or a unit and the outside), found by equal end points. */
export class Topology {
  private constructor(
    readonly numUnits: number,
    /** x, y of both ends of each piece, Web Mercator metres. */
    readonly pieces: Float64Array,
    readonly left: Int32Array,
    readonly right: Int32Array,
    /** Neighbours of unit i are `neighbour.subarray(first[i], first[i + 1])`. */
    readonly first: Int32Array,
    readonly neighbour: Int32Array,
  ) {}

  static of(cells: Cells): Topology {
    const vertexOf = new Map<number, number>();
    const pieceOf = new Map<number, number>();
    const pieces: number[] = [];
    const left: number[] = [];
    const right: number[] = [];
    const [west, south] = corner(cells);
    // A county is narrower than 6.7 degrees, so both numbers of 26 bits fit a double exactly.
    const vertex = (lonlat: Int32Array, at: number): number => {
      const key = (lonlat[at]! - west) * 67108864 + (lonlat[at + 1]! - south);
      let found = vertexOf.get(key);
      if (found === undefined) {
        found = vertexOf.size;
        vertexOf.set(key, found);
      }
      return found;
    };
    cells.ids.forEach((_, unit) => {
      const lonlat = cells.lonlat[unit]!;
      const flat = cells.flat[unit]!;
      let start = 0;
      for (const end of cells.ends[unit]!.flat()) {
        let from = vertex(lonlat, start);
        for (let at = start + 2; at < end; at += 2) {
          const to = vertex(lonlat, at);
          if (to !== from) {
            const key = Math.min(from, to) * 67108864 + Math.max(from, to);
            const known = pieceOf.get(key);
            if (known === undefined) {
              pieceOf.set(key, left.length);
              left.push(unit);
              right.push(OUTSIDE);
              pieces.push(flat[at - 2]!, flat[at - 1]!, flat[at]!, flat[at + 1]!);
            } else if (left[known] !== unit) {
              right[known] = unit;
            }
          }
          from = to;
        }
        start = end;
      }
    });
    const l = Int32Array.from(left);
    const r = Int32Array.from(right);
    return new Topology(cells.ids.length, Float64Array.from(pieces), l, r, ...neighbours(cells.ids.length, l, r));
  }

  /** Flat coordinates of all pieces that part two areas or an area and the outside. */
  borders(area: Int32Array): number[] {
    const flat: number[] = [];
    for (let piece = 0; piece < this.left.length; piece++) {
      const other = this.right[piece]!;
      if (other === OUTSIDE || area[other] !== area[this.left[piece]!]) {
        const at = 4 * piece;
        flat.push(this.pieces[at]!, this.pieces[at + 1]!, this.pieces[at + 2]!, this.pieces[at + 3]!);
      }
    }
    return flat;
  }

  /** The outline of some units: pieces with exactly one of them on either side. */
  outline(units: ReadonlySet<number>): number[] {
    const flat: number[] = [];
    for (let piece = 0; piece < this.left.length; piece++) {
      const other = this.right[piece]!;
      if (units.has(this.left[piece]!) !== (other !== OUTSIDE && units.has(other))) {
        const at = 4 * piece;
        flat.push(this.pieces[at]!, this.pieces[at + 1]!, this.pieces[at + 2]!, this.pieces[at + 3]!);
      }
    }
    return flat;
  }

  /** For each area the areas that touch it. */
  areaNeighbours(area: Int32Array, numAreas: number): Set<number>[] {
    const touching = Array.from({ length: numAreas }, () => new Set<number>());
    for (let piece = 0; piece < this.left.length; piece++) {
      const other = this.right[piece]!;
      if (other === OUTSIDE) continue;
      const a = area[this.left[piece]!]!;
      const b = area[other]!;
      if (a === b || a < 0 || b < 0) continue;
      touching[a]!.add(b);
      touching[b]!.add(a);
    }
    return touching;
  }
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
