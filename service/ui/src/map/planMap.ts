import Feature from "ol/Feature";
import OlMap from "ol/Map";
import View from "ol/View";
import Attribution from "ol/control/Attribution";
import ScaleLine from "ol/control/ScaleLine";
import Zoom from "ol/control/Zoom";
import MultiLineString from "ol/geom/MultiLineString";
import type Polygon from "ol/geom/Polygon";
import { defaults as defaultInteractions } from "ol/interaction/defaults";
import TileLayer from "ol/layer/Tile";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import "ol/ol.css";
import { tilesOf } from "./baseMap";
import { centre, holds, type Cells } from "./cells";
import { FILLS, colourAreas } from "./colouring";
import { areaSpots, shortName } from "./names";
import { MARK, type NameTier, type Scene } from "./scene";
import { SceneLayer } from "./sceneLayer";
import { readShapes, type Shape } from "./shapes";
import { Topology, type Lines } from "./topology";

/** Wider areas that a level's areas lie in. */
export interface Tier {
  /** Per unit the code of the area that it lies in. */
  of: (string | null)[];
  title: (code: string) => string;
}

/** Units with a mark over their colour. */
export interface Marks {
  special?: ReadonlySet<number>;
  locked?: ReadonlySet<number>;
  moved?: ReadonlySet<number>;
}

/** Pixels around a line within which a click means it. */
const REACH = 12;
const NO_AREA = "#dfe3e6";
const SPECIAL = "#cfd4d9";
const line = (colour: string, width: number, dash?: number[]): Style =>
  new Style({ stroke: new Stroke({ color: colour, width, lineJoin: "round", lineCap: "round", ...(dash ? { lineDash: dash } : {}) }) });

/** A band with white bars across it, as of a barrier. */
const LOCKED_LINE = [line("#ffffff", 9), line("#17212b", 6.5), line("#ffd23f", 4.5, [1, 9])];

/** The map of one level of one plan. It knows nothing of the page around it. */
export class PlanMap {
  readonly olMap: OlMap;
  cells: Cells | null = null;
  topology: Topology | null = null;
  readonly scene = new SceneLayer();
  private labels: (string | null)[] = [];
  private areaNames: string[] = [];
  private order: Int32Array = new Int32Array();
  private areaOf: Int32Array = new Int32Array();
  private colourOf = new Map<string, number>();
  private tiers: Tier[] = [];
  private titleOf: ((code: string) => string | null) | null = null;
  private marks: Marks = {};
  private shade: ((unit: number) => string | null) | null = null;
  private buildings: Shape[] = [];
  private barriers: Shape[] = [];
  private names: NameTier[] = [];
  private unitNames: Scene["unitNames"] = [];
  private borders: Scene["borders"] = [];
  private waiting = false;
  private readonly ground = new TileLayer({ visible: false, zIndex: -1 });
  private readonly hoverFeature = new Feature();
  private readonly selectFeature = new Feature();
  private readonly pickFeature = new Feature();
  private readonly targetFeature = new Feature();
  private readonly lineFeature = new Feature();

  constructor(target: HTMLElement) {
    const outlined = (feature: Feature, styles: Style[], zIndex: number) =>
      new VectorLayer({ source: new VectorSource({ features: [feature] }), style: styles, zIndex, updateWhileAnimating: true, updateWhileInteracting: true });
    this.olMap = new OlMap({
      target,
      layers: [
        this.ground,
        this.scene,
        outlined(this.lineFeature, LOCKED_LINE, 7.5),
        outlined(this.selectFeature, [line("#ffffff", 6), line("#b4005a", 3)], 5),
        outlined(this.targetFeature, [line("#ffffff", 6), line("#1c6e3d", 3.5)], 6),
        outlined(this.pickFeature, [line("#ffffff", 5), line("#0b3d91", 2.5, [6, 4])], 7),
        outlined(this.hoverFeature, [line("#ffffffc0", 4), line("#17212b", 1.4)], 8),
      ],
      controls: [new Zoom(), new ScaleLine({ minWidth: 80 }), new Attribution({ collapsible: false })],
      interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false }),
      view: new View({ center: [0, 0], zoom: 2, maxZoom: 21, constrainResolution: false, enableRotation: false }),
    });
  }

  dispose(): void {
    this.olMap.setTarget(undefined);
    this.olMap.dispose();
  }

  /** Draw another set of units; labels come with `setLabels`. */
  setCells(cells: Cells): void {
    this.cells = cells;
    this.topology = Topology.of(cells);
    this.labels = [];
    this.tiers = [];
    this.marks = {};
    this.unitNames = cells.properties.map(({ name, id, compound, households }, unit) => {
      const [x, y] = centre(cells, unit);
      const text = name ?? id;
      return { x, y, width: 0, text: compound && text.startsWith(compound) && text.length > compound.length ? text.slice(compound.length) : text, sub: String(households) };
    });
    for (const feature of [this.hoverFeature, this.selectFeature, this.pickFeature, this.targetFeature, this.lineFeature]) feature.setGeometry(undefined);
  }

  /** Whether any of the land is in sight. */
  inSight(): boolean {
    const size = this.olMap.getSize();
    if (!size || !this.cells?.ids.length) return false;
    const [west, south, east, north] = this.olMap.getView().calculateExtent(size) as [number, number, number, number];
    const land = this.extent(this.cells.ids.keys());
    return land[0]! < east && land[2]! > west && land[1]! < north && land[3]! > south && (land[2]! - land[0]!) / (east - west) > 0.05;
  }

  fit(): void {
    if (this.cells?.ids.length) this.olMap.getView().fit(this.extent(this.cells.ids.keys()), { padding: [24, 24, 24, 24], duration: 0 });
  }

  /** The area of every unit, in the order of the cells; null is no area. */
  setLabels(labels: (string | null)[]): void {
    if (!this.cells || !this.topology) return;
    this.labels = labels;
    const [areaOf, names] = positions(labels);
    this.areaOf = areaOf;
    this.areaNames = names;
    this.order = areaOf.map((_, unit) => unit).sort((a, b) => areaOf[a]! - areaOf[b]! || a - b);
    const touching = this.topology.areaNeighbours(areaOf, names.length);
    const colours = colourAreas(touching, names.map((name) => this.colourOf.get(name)));
    this.colourOf = new Map(names.map((name, area) => [name, colours[area]!]));
    this.layOut();
  }

  /** Areas take the colours that they have on another map, where these fit; to be asked before `setLabels`. */
  colourLike(other: PlanMap): void {
    this.colourOf = new Map(other.colourOf);
  }

  /** The wider areas, outermost first: thicker borders, and their names when far; `titleOf` names the areas themselves. */
  setTiers(tiers: Tier[], titleOf: ((code: string) => string | null) | null = null): void {
    this.tiers = tiers;
    this.titleOf = titleOf;
    if (this.labels.length) this.layOut();
  }

  setMarks(marks: Marks): void {
    this.marks = marks;
    this.redraw();
  }

  /** Shade units by something else than their area (moved, load, violations); null goes back to areas. */
  setShade(shade: ((unit: number) => string | null) | null): void {
    this.shade = shade;
    this.redraw();
  }

  /** Units drawn with a thick outline. */
  select(units: ReadonlySet<number>): void {
    this.outline(this.selectFeature, units);
  }

  /** Units picked for an edit. */
  pick(units: ReadonlySet<number>): void {
    this.outline(this.pickFeature, units);
  }

  /** The area that picked units are meant for. */
  target(units: ReadonlySet<number>): void {
    this.outline(this.targetFeature, units);
  }

  hover(unit: number | null): void {
    this.hoverFeature.setGeometry(this.cells && unit !== null ? new MultiLineString(Array.from(this.cells.flat[unit]!), "XY", this.cells.ends[unit]!.flat()) : undefined);
  }

  /** Lines between pairs of areas that nothing may cross. */
  lockLines(pairs: readonly (readonly [string, string])[]): void {
    this.lineFeature.setGeometry(this.lineGeometry(pairs));
  }

  hoverLine(pair: readonly [string, string] | null): void {
    this.hoverFeature.setGeometry(pair ? this.lineGeometry([pair]) : undefined);
  }

  /** The two areas whose line is under a pixel, or null. */
  lineAt(pixel: number[]): [string, string] | null {
    const at = this.olMap.getCoordinateFromPixel(pixel);
    if (!at || !this.topology) return null;
    const reach = REACH * (this.olMap.getView().getResolution() ?? 1);
    const found = this.topology.lineNear(this.areaOf, at[0]!, at[1]!, reach);
    return found && [this.areaNames[found[0]]!, this.areaNames[found[1]]!];
  }

  /** Areas that touch an area on the map. */
  neighboursOf(label: string): string[] {
    const area = this.areaNames.indexOf(label);
    if (area < 0 || !this.topology) return [];
    return [...this.topology.areaNeighbours(this.areaOf, this.areaNames.length)[area]!].map((other) => this.areaNames[other]!).sort();
  }

  zoomToLine(pair: readonly [string, string]): void {
    const extent = this.lineGeometry([pair])?.getExtent();
    if (extent) this.olMap.getView().fit(extent, { padding: [120, 120, 120, 120], maxZoom: 18, duration: 250 });
  }

  /** The unit under a pixel of the map, or null. */
  unitAt(pixel: number[]): number | null {
    const at = this.olMap.getCoordinateFromPixel(pixel);
    if (!at || !this.cells) return null;
    const [x, y] = at as [number, number];
    return this.inBox(x, y, x, y).find((unit) => holds(this.cells!, unit, x, y)) ?? null;
  }

  /** Units whose middle lies in a polygon. */
  unitsIn(polygon: Polygon): number[] {
    const [west, south, east, north] = polygon.getExtent() as [number, number, number, number];
    return this.inBox(west, south, east, north).filter((unit) => polygon.intersectsCoordinate([this.unitNames[unit]!.x, this.unitNames[unit]!.y]));
  }

  /** Units that a circle around a point touches with their middle, and the one under the point. */
  unitsNear([x, y]: [number, number], radius: number): number[] {
    return this.inBox(x - radius, y - radius, x + radius, y + radius).filter((unit) => {
      const middle = this.unitNames[unit]!;
      return (middle.x - x) ** 2 + (middle.y - y) ** 2 <= radius * radius || holds(this.cells!, unit, x, y);
    });
  }

  unitsOf(label: string): Set<number> {
    const units = new Set<number>();
    this.labels.forEach((given, unit) => given === label && units.add(unit));
    return units;
  }

  zoomTo(units: Iterable<number>): void {
    const extent = this.extent(units);
    if (extent[0]! < extent[2]!) this.olMap.getView().fit(extent, { padding: [60, 60, 60, 60], maxZoom: 18.5, duration: 250 });
  }

  colour(label: string): string {
    return FILLS[this.colourOf.get(label) ?? 0] ?? "#cccccc";
  }

  /** Footprints of buildings, shown when near. */
  setBuildings(collection: object): void {
    this.buildings = readShapes(collection);
    this.redraw();
  }

  setBarriers(collection: object): void {
    this.barriers = readShapes(collection);
    this.redraw();
  }

  /** Tiles under the plan, by their address (see `tilesOf`); null takes them away. */
  setBaseMap(url: string | null): void {
    this.ground.setVisible(url !== null);
    if (url) this.ground.setSource(tilesOf(url));
    this.redraw();
  }

  private lineGeometry(pairs: readonly (readonly [string, string])[]): MultiLineString | undefined {
    const flat: number[] = [];
    const ends: number[] = [];
    for (const [one, other] of pairs) {
      const [a, b] = [this.areaNames.indexOf(one), this.areaNames.indexOf(other)];
      if (a < 0 || b < 0 || !this.topology) continue;
      const found = this.topology.between(this.areaOf, a, b);
      ends.push(...found.ends.map((end) => end + flat.length));
      flat.push(...found.flat);
    }
    return ends.length ? geometry({ flat, ends }) : undefined;
  }

  private outline(feature: Feature, units: ReadonlySet<number>): void {
    feature.setGeometry(this.topology && units.size ? geometry(this.topology.outline(units)) : undefined);
  }

  private inBox(west: number, south: number, east: number, north: number): number[] {
    const { boxes } = this.cells!;
    const found: number[] = [];
    for (let unit = 0, at = 0; at < boxes.length; unit++, at += 4) {
      if (boxes[at]! <= east && boxes[at + 2]! >= west && boxes[at + 1]! <= north && boxes[at + 3]! >= south) found.push(unit);
    }
    return found;
  }

  private extent(units: Iterable<number>): number[] {
    const { boxes } = this.cells!;
    const extent = [Infinity, Infinity, -Infinity, -Infinity];
    for (const unit of units) {
      extent[0] = Math.min(extent[0]!, boxes[4 * unit]!);
      extent[1] = Math.min(extent[1]!, boxes[4 * unit + 1]!);
      extent[2] = Math.max(extent[2]!, boxes[4 * unit + 2]!);
      extent[3] = Math.max(extent[3]!, boxes[4 * unit + 3]!);
    }
    return extent;
  }

  /** Borders and names of areas and of the wider areas around them. */
  private layOut(): void {
    const { topology, tiers, areaOf } = this;
    const depth = tiers.length;
    const wide = tiers.map(({ of }) => positions(of));
    const inner = depth ? tiers[depth - 1]!.of : [];
    const parentOf = new Map<string, string | null>();
    this.labels.forEach((label, unit) => label !== null && !parentOf.has(label) && parentOf.set(label, inner[unit] ?? null));
    this.names = [
      ...tiers.map(({ title }, at) => this.tier(wide[at]![0], wide[at]![1], title, 14 - at)),
      this.tier(areaOf, this.areaNames, (code) => this.titleOf?.(code) ?? shortName(code, parentOf.get(code) ?? null), depth ? 11.5 : 13),
    ];
    this.borders = [
      { lines: topology!.borders(areaOf), colour: "#22313f", width: depth ? 1.1 : 1.8, cell: this.names.at(-1)!.width },
      ...wide.map(([of], at) => ({ lines: topology!.borders(of), colour: at === 0 ? "#101c28" : "#22313f", width: at === 0 ? 3 : 1.9, cell: this.names[at]!.width })).reverse(),
    ];
    this.redraw();
  }

  private tier(areaOf: Int32Array, codes: string[], title: (code: string) => string, size: number): NameTier {
    const households = new Float64Array(codes.length);
    areaOf.forEach((area, unit) => area >= 0 && (households[area]! += this.cells!.properties[unit]!.households));
    const spots = areaSpots(this.cells!, this.topology!, areaOf, codes.length);
    const names = spots.map((spot, area) => ({ ...spot, text: title(codes[area]!), sub: String(households[area]) }));
    const widths = spots.map(({ width }) => width).sort((a, b) => a - b);
    return { names, size, width: widths[widths.length >> 1] ?? 0 };
  }

  /** Paint once for all that changed within one turn. */
  private redraw(): void {
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => {
      this.waiting = false;
      if (this.cells && this.labels.length) this.scene.show(this.pictured(this.cells));
    });
  }

  private pictured(cells: Cells): Scene {
    const palette: string[] = [NO_AREA, SPECIAL, ...FILLS];
    const extra = new Map<string, number>();
    const { special, locked, moved } = this.marks;
    const colourOf = this.areaNames.map((name) => 2 + (this.colourOf.get(name) ?? 0));
    const fill = new Uint16Array(cells.ids.length);
    const mark = new Uint8Array(cells.ids.length);
    for (let unit = 0; unit < fill.length; unit++) {
      if (this.shade) {
        fill[unit] = shaded(this.shade(unit), palette, extra);
      } else if (this.areaOf[unit]! >= 0) {
        fill[unit] = special?.has(unit) ? 1 : colourOf[this.areaOf[unit]!]!;
      }
      mark[unit] = moved?.has(unit) ? MARK.moved : special?.has(unit) ? MARK.special : locked?.has(unit) ? MARK.locked : MARK.none;
    }
    const { borders, buildings, barriers, names: tiers, unitNames } = this;
    return { cells, fill, palette, area: this.areaOf, order: this.order, mark, borders, buildings, barriers, tiers, unitNames, opacity: this.ground.getVisible() ? 0.55 : 0.85 };
  }
}

function shaded(colour: string | null, palette: string[], extra: Map<string, number>): number {
  if (colour === null) return 0;
  const known = extra.get(colour);
  if (known !== undefined) return known;
  extra.set(colour, palette.length);
  return palette.push(colour) - 1;
}

/** Names in order, and the position of every unit's name among them (-1: none). */
function positions(labels: (string | null)[]): [Int32Array, string[]] {
  const names = [...new Set(labels.filter((label): label is string => label !== null))].sort();
  const position = new Map(names.map((name, area) => [name, area]));
  return [Int32Array.from(labels, (label) => (label === null ? -1 : position.get(label)!)), names];
}

const geometry = ({ flat, ends }: Lines): MultiLineString => new MultiLineString(flat, "XY", ends);
