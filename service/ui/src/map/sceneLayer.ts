import Layer from "ol/layer/Layer";
import type { FrameState } from "ol/Map";
import { paint } from "./paint";
import type { Scene, Window } from "./scene";

/** How much wider than the map the picture is, so that a pan shows what is beside it. */
const ROOM = 1.4;
/** Milliseconds of a painting below which it is done anew in every frame of a pan. */
const QUICK = 12;

/**
 * The scene as one picture.
 *
 * While the map is dragged or zoomed the picture is moved and scaled as it is, which costs nothing; once the map rests
 * it is painted anew. So a county of 100,000 units follows the hand.
 */
export class SceneLayer extends Layer {
  private readonly box = document.createElement("div");
  private readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d")!;
  private scene: Scene | null = null;
  private painted: { window: Window; scene: Scene; ratio: number } | null = null;
  /** Milliseconds of the last painting. */
  took = 0;

  constructor() {
    super({ className: "scene" });
    this.box.className = "scene";
    this.box.style.cssText = "position:absolute;inset:0;overflow:hidden";
    this.canvas.style.cssText = "position:absolute;left:0;top:0;transform-origin:0 0";
    this.box.append(this.canvas);
  }

  show(scene: Scene | null): void {
    this.scene = scene;
    this.changed();
  }

  override render(frame: FrameState | null): HTMLElement {
    if (!frame || !this.scene) {
      this.canvas.hidden = true;
      return this.box;
    }
    this.canvas.hidden = false;
    const wanted = windowOf(frame);
    const moving = frame.viewHints[0]! > 0 || frame.viewHints[1]! > 0;
    if (this.isStale(wanted, frame.pixelRatio) && (!moving || !this.painted || this.painted.scene !== this.scene || this.took < QUICK)) {
      this.repaint(wanted, frame.pixelRatio);
    }
    const { window } = this.painted!;
    const scale = window.resolution / wanted.resolution;
    const x = (window.west - wanted.west) / wanted.resolution;
    const y = (wanted.north - window.north) / wanted.resolution;
    this.canvas.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    return this.box;
  }

  private isStale(wanted: Window, ratio: number): boolean {
    if (!this.painted) return true;
    const { window, scene, ratio: before } = this.painted;
    if (scene !== this.scene || ratio !== before || Math.abs(window.resolution / wanted.resolution - 1) > 1e-9) return true;
    const slack = 1e-6 * wanted.resolution;
    return (
      wanted.west < window.west - slack ||
      wanted.north > window.north + slack ||
      wanted.west + wanted.width * wanted.resolution > window.west + window.width * window.resolution + slack ||
      wanted.north - wanted.height * wanted.resolution < window.north - window.height * window.resolution - slack
    );
  }

  private repaint(wanted: Window, ratio: number): void {
    const start = performance.now();
    const width = Math.ceil(wanted.width * ROOM);
    const height = Math.ceil(wanted.height * ROOM);
    const window: Window = {
      width,
      height,
      resolution: wanted.resolution,
      west: wanted.west - ((width - wanted.width) / 2) * wanted.resolution,
      north: wanted.north + ((height - wanted.height) / 2) * wanted.resolution,
    };
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(this.context, this.scene!, window);
    this.painted = { window, scene: this.scene!, ratio };
    performance.clearMeasures("scene");
    this.took = performance.measure("scene", { start }).duration;
  }
}

function windowOf({ viewState: { center, resolution }, size }: FrameState): Window {
  const [width, height] = size as [number, number];
  return { width, height, resolution, west: center[0]! - (width / 2) * resolution, north: center[1]! + (height / 2) * resolution };
}
