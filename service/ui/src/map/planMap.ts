import Feature from "ol/Feature";
import OlMap from "ol/Map";
import View from "ol/View";
import ScaleLine from "ol/control/ScaleLine";
import Zoom from "ol/control/Zoom";
import GeoJSON from "ol/format/GeoJSON";
import MultiLineString from "ol/geom/MultiLineString";
import MultiPolygon from "ol/geom/MultiPolygon";
import Point from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import { defaults as defaultInteractions } from "ol/interaction/defaults";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import type { FeatureLike } from "ol/Feature";
import "ol/ol.css";
import type { Cells } from "./cells";
import { FILLS, colourAreas } from "./colouring";
import { Topology } from "./topology";

const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC","Source Han Sans SC",sans-serif';
/** Metres per pixel below which buildings and their households are shown. */
const NEAR = 1.2;

export interface AreaTotals {
  label: string;
  households: number;
}

const line = (colour: string, width: number, dash?: number[]): Stroke =>
  new Stroke({ color: colour, width, lineJoin: "round", lineCap: "round", ...(dash ? { lineDash: dash } : {}) });

/** The map of one level of one plan. It knows nothing of the page around it. */
export class PlanMap {
  readonly olMap: OlMap;
  cells: Cells | null = null;
  topology: Topology | null = null;
  private labels: (string | null)[] = [];
  private areaOf = new Int32Array();
  private areaNames: string[] = [];
  private colourOf = new Map<string, number>();
  private readonly fills = FILLS.map((colour) => new Style({ fill: new Fill({ color: `${colour}d0` }), stroke: line("#ffffff90", 0.6) }));
  private readonly noFill = new Style({ fill: new Fill({ color: "#e4e4e4" }), stroke: line("#b0b0b0", 0.6) });
  private readonly cellSource = new VectorSource();
  private readonly borderFeature = new Feature();
  private readonly selectFeature = new Feature();
  private readonly hoverFeature = new Feature();
  private readonly nameSource = new VectorSource();
  private readonly unitNameSource = new VectorSource();
  private readonly buildingSource = new VectorSource();
  private readonly barrierSource = new VectorSource();
  private readonly cellFeatures: Feature[] = [];
  private shade: ((unit: number) => string | null) | null = null;
  private readonly shades = new Map<string, Style>();

  constructor(target: HTMLElement) {
    const cells = new VectorLayer({ source: this.cellSource, style: (feature) => this.cellStyle(feature), updateWhileAnimating: false });
    const single = (feature: Feature, style: Style | Style[], zIndex: number) =>
      new VectorLayer({ source: new VectorSource({ features: [feature] }), style, zIndex });
    const buildings = new VectorLayer({
      source: this.buildingSource,
      style: new Style({ fill: new Fill({ color: "#5a524a70" }), stroke: line("#4a443d", 0.6) }),
      maxResolution: 4,
      zIndex: 2,
    });
    const barriers = new VectorLayer({ source: this.barrierSource, style: (feature) => barrierStyle(feature), zIndex: 3 });
    const unitNames = new VectorLayer({ source: this.unitNameSource, style: (f) => unitNameStyle(f), maxResolution: NEAR, declutter: true, zIndex: 6 });
    const names = new VectorLayer({ source: this.nameSource, style: (f, resolution) => areaNameStyle(f, resolution), declutter: true, zIndex: 7 });
    this.olMap = new OlMap({
      target,
      layers: [
        cells,
        buildings,
        barriers,
        single(this.borderFeature, new Style({ stroke: line("#22313f", 1.6) }), 4),
        single(this.hoverFeature, new Style({ stroke: line("#ffffff", 3) }), 5),
        single(this.selectFeature, [new Style({ stroke: line("#ffffff", 6) }), new Style({ stroke: line("#b4005a", 3) })], 5),
        unitNames,
        names,
      ],
      controls: [new Zoom(), new ScaleLine({ minWidth: 80 })],
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
    this.colourOf.clear();
    this.cellFeatures.length = 0;
    cells.ids.forEach((id, unit) => {
      const flat = Array.from(cells.flat[unit]!);
      const ends = cells.ends[unit]!;
      const geometry = ends.length === 1 ? new Polygon(flat, "XY", ends[0]) : new MultiPolygon(flat, "XY", ends);
      const feature = new Feature({ geometry, unit });
      feature.setId(id);
      this.cellFeatures.push(feature);
    });
    this.cellSource.clear(true);
    this.cellSource.addFeatures(this.cellFeatures);
    this.unitNameSource.clear(true);
    this.unitNameSource.addFeatures(
      cells.ids.map((_, unit) => new Feature({ geometry: new Point(middle(cells.flat[unit]!)), properties: cells.properties[unit] })),
    );
    this.select(new Set());
    this.hover(null);
  }

  fit(): void {
    const extent = this.cellSource.getExtent();
    if (extent && this.cells?.ids.length) this.olMap.getView().fit(extent, { padding: [24, 24, 24, 24], duration: 0 });
  }

  /** The area of every unit, in the order of the cells; null is no area. */
  setLabels(labels: (string | null)[]): void {
    if (!this.cells || !this.topology) return;
    this.labels = labels;
    const names = [...new Set(labels.filter((label): label is string => label !== null))].sort();
    const position = new Map(names.map((name, area) => [name, area]));
    this.areaNames = names;
    this.areaOf = Int32Array.from(labels, (label) => (label === null ? -1 : position.get(label)!));
    const touching = this.topology.areaNeighbours(this.areaOf, names.length);
    const colours = colourAreas(touching, names.map((name) => this.colourOf.get(name)));
    this.colourOf = new Map(names.map((name, area) => [name, colours[area]!]));
    this.borderFeature.setGeometry(segments(this.topology.borders(this.areaOf)));
    this.drawNames();
    this.cellSource.changed();
  }

  /** Shade units by something else than their area (moved, load, violations); null goes back to areas. */
  setShade(shade: ((unit: number) => string | null) | null): void {
    this.shade = shade;
    this.cellSource.changed();
  }

  /** Units drawn with a thick outline. */
  select(units: ReadonlySet<number>): void {
    this.selectFeature.setGeometry(this.topology && units.size ? segments(this.topology.outline(units)) : undefined);
  }

  hover(unit: number | null): void {
    this.hoverFeature.setGeometry(this.topology && unit !== null ? segments(this.topology.outline(new Set([unit]))) : undefined);
  }

  /** The unit under a pixel of the map, or null. */
  unitAt(pixel: number[]): number | null {
    const at = this.olMap.getCoordinateFromPixel(pixel);
    const found = at ? this.cellSource.getFeaturesAtCoordinate(at)[0] : undefined;
    return found ? (found.get("unit") as number) : null;
  }

  /** Units whose middle lies in a polygon given as flat x, y. */
  unitsIn(polygon: Polygon): number[] {
    const found: number[] = [];
    this.cellSource.forEachFeatureInExtent(polygon.getExtent(), (feature) => {
      const unit = feature.get("unit") as number;
      if (polygon.intersectsCoordinate(middle(this.cells!.flat[unit]!))) found.push(unit);
    });
    return found.sort((a, b) => a - b);
  }

  unitsOf(label: string): Set<number> {
    const units = new Set<number>();
    this.labels.forEach((given, unit) => given === label && units.add(unit));
    return units;
  }

  zoomTo(units: Iterable<number>): void {
    const extent = [Infinity, Infinity, -Infinity, -Infinity];
    for (const unit of units) {
      const flat = this.cells!.flat[unit]!;
      for (let at = 0; at < flat.length; at += 2) {
        extent[0] = Math.min(extent[0]!, flat[at]!);
        extent[1] = Math.min(extent[1]!, flat[at + 1]!);
        extent[2] = Math.max(extent[2]!, flat[at]!);
        extent[3] = Math.max(extent[3]!, flat[at + 1]!);
      }
    }
    if (extent[0]! < extent[2]!) {
      this.olMap.getView().fit(extent, { padding: [60, 60, 60, 60], maxZoom: 18.5, duration: 250 });
    }
  }

  colour(label: string): string {
    return FILLS[this.colourOf.get(label) ?? 0] ?? "#cccccc";
  }

  /** Footprints of buildings, shown when near. */
  setBuildings(collection: object): void {
    this.replace(this.buildingSource, collection);
  }

  setBarriers(collection: object): void {
    this.replace(this.barrierSource, collection);
  }

  private replace(source: VectorSource, collection: object): void {
    source.clear(true);
    source.addFeatures(new GeoJSON().readFeatures(collection, { dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" }));
  }

  private cellStyle(feature: FeatureLike): Style {
    const unit = feature.get("unit") as number;
    if (this.shade) {
      const colour = this.shade(unit);
      if (colour === null) return this.noFill;
      let style = this.shades.get(colour);
      if (!style) this.shades.set(colour, (style = new Style({ fill: new Fill({ color: colour }), stroke: line("#ffffff90", 0.6) })));
      return style;
    }
    const label = this.labels[unit];
    if (label == null) return this.noFill;
    return this.fills[this.colourOf.get(label) ?? 0] ?? this.noFill;
  }

  /** One text per area, at the unit nearest the middle of its households. */
  private drawNames(): void {
    const cells = this.cells!;
    const size = this.areaNames.length;
    const sums = Array.from({ length: size }, () => ({ x: 0, y: 0, weight: 0, households: 0, area: 0 }));
    const middles = cells.flat.map(middle);
    this.areaOf.forEach((area, unit) => {
      if (area < 0) return;
      const [x, y] = middles[unit]!;
      const households = cells.properties[unit]!.households;
      const sum = sums[area]!;
      const weight = Math.max(households, 1);
      sum.x += x! * weight;
      sum.y += y! * weight;
      sum.weight += weight;
      sum.households += households;
      sum.area += boxArea(cells.flat[unit]!);
    });
    const nearest = new Int32Array(size).fill(-1);
    const best = new Float64Array(size).fill(Infinity);
    this.areaOf.forEach((area, unit) => {
      if (area < 0) return;
      const sum = sums[area]!;
      const [x, y] = middles[unit]!;
      const away = (x! - sum.x / sum.weight) ** 2 + (y! - sum.y / sum.weight) ** 2;
      if (away < best[area]!) {
        best[area] = away;
        nearest[area] = unit;
      }
    });
    this.nameSource.clear(true);
    this.nameSource.addFeatures(
      this.areaNames.map((name, area) => {
        const feature = new Feature({ geometry: new Point(middles[nearest[area]!]!) });
        feature.setProperties({ name, households: sums[area]!.households, width: Math.sqrt(sums[area]!.area) }, true);
        return feature;
      }),
    );
  }
}

function segments(flat: number[]): MultiLineString {
  return new MultiLineString(flat, "XY", Array.from({ length: flat.length / 4 }, (_, piece) => 4 * (piece + 1)));
}

function middle(flat: Float64Array): [number, number] {
  let x = 0;
  let y = 0;
  for (let at = 0; at < flat.length; at += 2) {
    x += flat[at]!;
    y += flat[at + 1]!;
  }
  const vertices = Math.max(flat.length / 2, 1);
  return [x / vertices, y / vertices];
}

function boxArea(flat: Float64Array): number {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < flat.length; at += 2) {
    west = Math.min(west, flat[at]!);
    east = Math.max(east, flat[at]!);
    south = Math.min(south, flat[at + 1]!);
    north = Math.max(north, flat[at + 1]!);
  }
  return flat.length ? (east - west) * (north - south) : 0;
}

const BARRIERS: Record<string, Style[]> = {
  river: [new Style({ stroke: line("#6ea6cf", 4) })],
  railway: [new Style({ stroke: line("#ffffff", 4) }), new Style({ stroke: line("#444444", 3, [8, 6]) })],
  road: [new Style({ stroke: line("#8a6d3b", 2) })],
};
const OTHER_BARRIER = [new Style({ stroke: line("#7a4a9e", 2, [6, 4]), fill: new Fill({ color: "#7a4a9e30" }) })];

function barrierStyle(feature: FeatureLike): Style[] {
  const kind = String(feature.get("kind") ?? "").toLowerCase();
  if (/river|water|canal|河|水|渠/.test(kind)) return BARRIERS.river!;
  if (/rail|铁路|轨道/.test(kind)) return BARRIERS.railway!;
  if (/road|way|路|街/.test(kind)) return BARRIERS.road!;
  return OTHER_BARRIER;
}

/** The last digits of a code are what distinguishes neighbours; the whole code is in table and tooltip. */
const shortName = (name: string): string => (/^\d{9,}$/.test(name) ? name.slice(-3) : name);

const halo = new Stroke({ color: "#ffffffd8", width: 3.5 });
const ink = new Fill({ color: "#17212b" });

function areaNameStyle(feature: FeatureLike, resolution: number): Style {
  const pixels = (feature.get("width") as number) / resolution;
  const size = Math.max(10, Math.min(17, pixels / 7));
  const name = shortName(feature.get("name") as string);
  const text = pixels > 38 ? `${name}\n${feature.get("households") as number}` : name;
  return new Style({ text: new Text({ text, font: `600 ${size.toFixed(0)}px ${FONT}`, fill: ink, stroke: halo, overflow: true }) });
}

function unitNameStyle(feature: FeatureLike): Style {
  const { name, id, households } = feature.get("properties") as { name: string | null; id: string; households: number };
  return new Style({
    text: new Text({ text: `${name ?? id}\n${households}`, font: `11px ${FONT}`, fill: new Fill({ color: "#3b4650" }), stroke: halo }),
  });
}
