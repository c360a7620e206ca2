import Feature from "ol/Feature";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import Polygon, { fromExtent } from "ol/geom/Polygon";
import PointerInteraction from "ol/interaction/Pointer";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import { circular } from "./circle";
import type { PlanMap } from "./planMap";

export type DragTool = "box" | "lasso" | "brush";

/** Pixels around the pointer that the brush touches. */
const BRUSH = 16;

type Event = MapBrowserEvent<PointerEvent | KeyboardEvent | WheelEvent>;

/** Picks units by dragging: in a box, inside a line drawn by hand, or all that a brush touches. */
export class DragPicker extends PointerInteraction {
  private readonly drawn = new Feature();
  private readonly layer = new VectorLayer({
    source: new VectorSource({ features: [this.drawn] }),
    style: new Style({ stroke: new Stroke({ color: "#0b3d91", width: 2, lineDash: [5, 4] }), fill: new Fill({ color: "#0b3d9120" }) }),
    zIndex: 9,
    updateWhileInteracting: true,
  });
  private points: [number, number][] = [];
  private touched = new Set<number>();

  /** `tool` is asked when a drag begins: null leaves it to the map. */
  constructor(
    private readonly map: PlanMap,
    private readonly tool: () => DragTool | null,
    private readonly onPick: (units: number[], drop: boolean) => void,
  ) {
    super();
    this.layer.setMap(map.olMap);
  }

  override handleDownEvent(event: Event): boolean {
    const pointer = event.originalEvent as PointerEvent;
    if (!this.tool() || this.targetPointers.length !== 1 || pointer.button !== 0 || pointer.ctrlKey || pointer.metaKey) return false;
    this.points = [at(event)];
    this.touched = new Set();
    return true;
  }

  override handleDragEvent(event: Event): void {
    const tool = this.tool();
    if (!tool || !this.points.length) return;
    const here = at(event);
    if (tool === "box") {
      const [x, y] = this.points[0]!;
      this.drawn.setGeometry(fromExtent([Math.min(x, here[0]), Math.min(y, here[1]), Math.max(x, here[0]), Math.max(y, here[1])]));
    } else if (tool === "lasso") {
      this.points.push(here);
      this.drawn.setGeometry(new Polygon([[...this.points, this.points[0]!]]));
    } else {
      const radius = BRUSH * (this.map.olMap.getView().getResolution() ?? 1);
      this.drawn.setGeometry(circular(here, radius));
      for (const unit of this.map.unitsNear(here, radius)) this.touched.add(unit);
      this.map.pick(this.touched);
    }
  }

  override handleUpEvent(event: Event): boolean {
    const shape = this.drawn.getGeometry();
    this.drawn.setGeometry(undefined);
    if (shape instanceof Polygon) {
      const units = this.touched.size ? [...this.touched] : this.tool() === "brush" ? [] : this.map.unitsIn(shape);
      this.onPick(units, (event.originalEvent as PointerEvent).shiftKey);
    }
    this.points = [];
    return false;
  }

  protected override disposeInternal(): void {
    this.layer.setMap(null);
    super.disposeInternal();
  }
}

const at = (event: Event): [number, number] => [event.coordinate[0]!, event.coordinate[1]!];
