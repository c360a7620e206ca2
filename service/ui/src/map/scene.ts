import type { Cells } from "./cells";
import type { Spot } from "./names";
import type { Shape } from "./shapes";
import type { Lines } from "./topology";

export const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC","Source Han Sans SC",sans-serif';

/** Marks over the fill of a unit. */
export const MARK = { none: 0, special: 1, locked: 2, moved: 3 } as const;

export interface Name extends Spot {
  text: string;
  sub: string;
}

/** Names of one tier of areas; the innermost tier whose areas are wide enough on the screen is written. */
export interface NameTier {
  names: Name[];
  size: number;
  /** The median free width of its areas. */
  width: number;
}

/** All that the painter needs to know. */
export interface Scene {
  cells: Cells;
  /** Per unit a position in `palette`. */
  fill: Uint16Array;
  palette: string[];
  /** Area of every unit (-1: none), and all units area by area: an area is filled as one shape, without seams. */
  area: Int32Array;
  order: Int32Array;
  mark: Uint8Array;
  /** Thinnest first; `cell` is how wide the areas inside are, in metres. */
  borders: { lines: Lines; colour: string; width: number; cell: number }[];
  buildings: Shape[];
  barriers: Shape[];
  /** Outermost first. */
  tiers: NameTier[];
  unitNames: Name[];
  opacity: number;
}

/** Which part of the world is painted, and how finely. */
export interface Window {
  west: number;
  north: number;
  resolution: number;
  /** CSS pixels. */
  width: number;
  height: number;
}
