import type { FeatureLike } from "ol/Feature";
import OlMap from "ol/Map";
import View from "ol/View";
import ScaleLine from "ol/control/ScaleLine";
import Zoom from "ol/control/Zoom";
import GeoJSON from "ol/format/GeoJSON";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import "ol/ol.css";
import { FILLS } from "./colouring";

const STYLES = {
  boundary: new Style({ stroke: new Stroke({ color: "#22313f", width: 2.5 }) }),
  communities: new Style({ stroke: new Stroke({ color: "#1f5fa8", width: 2, lineDash: [8, 4] }), fill: new Fill({ color: "#1f5fa80d" }) }),
  barriers: new Style({ stroke: new Stroke({ color: "#6d7883", width: 1.4 }) }),
  buildings: new Style({
    fill: new Fill({ color: "#c7672099" }),
    stroke: new Stroke({ color: "#8c4512", width: 0.8 }),
    image: new CircleStyle({ radius: 3, fill: new Fill({ color: "#c76720" }) }),
  }),
} as const;

const WALL = new Style({ stroke: new Stroke({ color: "#c3c9cf", width: 1 }) });
const WATER = new Style({ stroke: new Stroke({ color: "#6ea6cf", width: 3 }) });
const UNPLANNED = new Style({ fill: new Fill({ color: "#d5dbe1" }), stroke: new Stroke({ color: "#8f99a3", width: 0.7 }) });
const FILLED = FILLS.map((colour) => new Style({ fill: new Fill({ color: colour }), stroke: new Stroke({ color: "#4a443d", width: 0.7 }), image: new CircleStyle({ radius: 4, fill: new Fill({ color: colour }), stroke: new Stroke({ color: "#4a443d", width: 0.7 }) }) }));

export type DataLayer = keyof typeof STYLES;
export const DATA_LAYERS = Object.keys(STYLES) as DataLayer[];

/** The map of what was imported, before anything is planned. */
export class DataMap {
  private readonly sources: Record<DataLayer, VectorSource>;
  private readonly olMap: OlMap;
  private gridOf: Map<string, number | null> | null = null;

  constructor(target: HTMLElement) {
    this.sources = Object.fromEntries(DATA_LAYERS.map((name) => [name, new VectorSource()])) as Record<DataLayer, VectorSource>;
    this.olMap = new OlMap({
      target,
      layers: DATA_LAYERS.map((name) => new VectorLayer({ source: this.sources[name], style: (feature) => this.style(name, feature) })),
      controls: [new Zoom(), new ScaleLine({ minWidth: 80 })],
      view: new View({ center: [0, 0], zoom: 2, maxZoom: 21, enableRotation: false }),
    });
  }

  set(name: DataLayer, collection: object | null): void {
    const source = this.sources[name];
    source.clear(true);
    if (!collection) return;
    source.addFeatures(new GeoJSON().readFeatures(collection, { dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" }));
    const extent = this.sources.buildings.getExtent() ?? source.getExtent();
    if (extent && Number.isFinite(extent[0])) this.olMap.getView().fit(extent, { padding: [40, 40, 40, 40] });
  }

  /** Colour buildings by grid; null goes back to one colour. */
  colour(gridOf: Map<string, number | null> | null): void {
    this.gridOf = gridOf;
    this.sources.buildings.changed();
  }

  private style(name: DataLayer, feature: FeatureLike): Style {
    if (name === "barriers") {
      const kind = String(feature.get("kind") ?? "");
      return /wall|墙/.test(kind) ? WALL : /river|water|canal|河|水/.test(kind) ? WATER : STYLES.barriers;
    }
    if (name !== "buildings" || !this.gridOf) return STYLES[name];
    const grid = this.gridOf.get(String(feature.get("id") ?? ""));
    // Neighbouring numbers are neighbours more often than not: steps of four part their colours.
    return grid == null ? UNPLANNED : FILLED[(grid * 4) % FILLED.length]!;
  }

  dispose(): void {
    this.olMap.setTarget(undefined);
    this.olMap.dispose();
  }
}
