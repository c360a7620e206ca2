import { FONT, MARK, type Name, type Scene, type Window } from "./scene";
import type { Shape } from "./shapes";

/** Metres per pixel below which footprints are drawn. */
const FOOTPRINTS = 4;
/** Metres per pixel below which every building has its name and households. */
const NEAR = 1.1;
/** Metres per pixel above which roads are left out and other lines are thin. */
const FAR = 14;
/** Pixels between points of a line that are still told apart. */
const FINE = 0.4;
/** Shapes of one path: the software renderer takes far more than twice the time for twice the shapes. */
const BATCH = 256;

type Context = CanvasRenderingContext2D;

/** Everything that does not follow the pointer, from the ground up. */
export function paint(context: Context, scene: Scene, view: Window): void {
  const seen = unitsIn(scene, view);
  context.globalAlpha = scene.opacity;
  fills(context, scene, view, seen);
  context.globalAlpha = 1;
  marks(context, scene, view, seen);
  if (view.resolution < FOOTPRINTS) footprints(context, scene.buildings, view);
  barriers(context, scene.barriers, view);
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const { lines, colour, width, cell } of scene.borders) {
    // Borders that crowd together would blacken the map: they fade before they touch.
    const room = Math.min(1, Math.max(0.25, cell / view.resolution / 20));
    context.strokeStyle = colour;
    context.globalAlpha = room;
    context.lineWidth = width * Math.max(room, 0.4);
    for (let first = 0, start = 0; first < lines.ends.length; first += BATCH) {
      context.beginPath();
      start = trace(context, lines.flat, start, lines.ends.slice(first, first + BATCH), view, false);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  names(context, scene, view);
}

function unitsIn({ cells: { boxes } }: Scene, view: Window): number[] {
  const east = view.west + view.width * view.resolution;
  const south = view.north - view.height * view.resolution;
  const seen: number[] = [];
  for (let unit = 0, at = 0; at < boxes.length; unit++, at += 4) {
    if (boxes[at]! <= east && boxes[at + 2]! >= view.west && boxes[at + 1]! <= view.north && boxes[at + 3]! >= south) seen.push(unit);
  }
  return seen;
}

function traceUnit(context: Context, { cells }: Scene, unit: number, view: Window): void {
  const flat = cells.flat[unit]!;
  let start = 0;
  for (const ends of cells.ends[unit]!) start = trace(context, flat, start, ends, view, true);
}

/** Lines in pixels; points that fall together are left out. */
function trace(context: Context, flat: ArrayLike<number>, start: number, ends: number[], view: Window, close: boolean): number {
  const { west, north, resolution, width, height } = view;
  for (const end of ends) {
    let x = (flat[start]! - west) / resolution;
    let y = (north - flat[start + 1]!) / resolution;
    let began = false;
    for (let at = start + 2; at < end; at += 2) {
      const toX = (flat[at]! - west) / resolution;
      const toY = (north - flat[at + 1]!) / resolution;
      const last = at === end - 2;
      if (!last && Math.abs(toX - x) < FINE && Math.abs(toY - y) < FINE) continue;
      const outside = !close && ((x < -9 && toX < -9) || (y < -9 && toY < -9) || (x > width + 9 && toX > width + 9) || (y > height + 9 && toY > height + 9));
      if (outside) {
        began = false;
      } else {
        if (!began) context.moveTo(x, y);
        context.lineTo(toX, toY);
        began = true;
      }
      x = toX;
      y = toY;
    }
    if (close && began) context.closePath();
    start = end;
  }
  return start;
}

function fills(context: Context, scene: Scene, view: Window, seen: number[]): void {
  const inSight = new Uint8Array(scene.fill.length);
  for (const unit of seen) inSight[unit] = 1;
  const lined = Math.sqrt((view.width * view.height) / Math.max(seen.length, 1)) > 14;
  context.strokeStyle = "#ffffffa0";
  context.lineWidth = 0.6;
  let [area, colour, held] = [-2, -1, 0];
  const flush = (): void => {
    if (!held) return;
    context.fillStyle = scene.palette[colour]!;
    context.fill();
    if (lined) context.stroke();
    held = 0;
  };
  for (const unit of scene.order) {
    if (!inSight[unit]) continue;
    if (scene.area[unit] !== area || scene.fill[unit] !== colour || held >= BATCH) {
      flush();
      area = scene.area[unit]!;
      colour = scene.fill[unit]!;
    }
    if (!held++) context.beginPath();
    traceUnit(context, scene, unit, view);
  }
  flush();
}

const patterns = new Map<number, CanvasPattern>();

function pattern(context: Context, mark: number): CanvasPattern {
  const known = patterns.get(mark);
  if (known) return known;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d")!;
  pen.strokeStyle = mark === MARK.moved ? "#8a0048c0" : mark === MARK.locked ? "#1f2d3a70" : "#5f6b76";
  pen.lineWidth = mark === MARK.moved ? 1.4 : 1;
  const slope = mark === MARK.locked ? -1 : 1;
  for (const shift of [-8, 0, 8]) {
    pen.moveTo(shift, slope > 0 ? 8 : 0);
    pen.lineTo(shift + 8, slope > 0 ? 0 : 8);
  }
  pen.stroke();
  const made = context.createPattern(tile, "repeat")!;
  patterns.set(mark, made);
  return made;
}

function marks(context: Context, scene: Scene, view: Window, seen: number[]): void {
  for (const mark of [MARK.special, MARK.locked, MARK.moved]) {
    const units = seen.filter((unit) => scene.mark[unit] === mark);
    if (!units.length) continue;
    context.fillStyle = pattern(context, mark);
    for (let first = 0; first < units.length; first += BATCH) {
      context.beginPath();
      for (const unit of units.slice(first, first + BATCH)) traceUnit(context, scene, unit, view);
      context.fill();
    }
  }
}

const outOf = ({ box }: Shape, view: Window): boolean =>
  box[0] > view.west + view.width * view.resolution || box[2] < view.west || box[1] > view.north || box[3] < view.north - view.height * view.resolution;

function footprints(context: Context, shapes: Shape[], view: Window): void {
  const near = shapes.filter((shape) => !outOf(shape, view));
  context.fillStyle = "#4a443d66";
  context.strokeStyle = "#4a443db0";
  context.lineWidth = 0.6;
  for (let first = 0; first < near.length; first += BATCH) {
    context.beginPath();
    for (const shape of near.slice(first, first + BATCH)) trace(context, shape.flat, 0, shape.ends, view, true);
    context.fill();
    if (view.resolution < 2) context.stroke();
  }
}

interface Pen {
  colour: string;
  width: number;
  dash: number[];
}

const PENS: Record<string, Pen[]> = {
  river: [{ colour: "#5f9cc8", width: 3, dash: [] }],
  railway: [
    { colour: "#ffffff", width: 4, dash: [] },
    { colour: "#444444", width: 3, dash: [7, 6] },
  ],
  road: [{ colour: "#8a6d3bb0", width: 1.6, dash: [] }],
  bridge: [{ colour: "#8a6d3b", width: 3, dash: [] }],
  wall: [{ colour: "#4b4f5566", width: 1, dash: [2, 3] }],
  other: [{ colour: "#7a4a9eb0", width: 1.6, dash: [6, 4] }],
};

export function barrierKind(kind: unknown): string {
  const word = String(kind ?? "").toLowerCase();
  if (/wall|fence|墙/.test(word)) return "wall";
  if (/bridge|桥/.test(word)) return "bridge";
  if (/river|water|canal|河|水|渠/.test(word)) return "river";
  if (/rail|铁路|轨道/.test(word)) return "railway";
  return /road|way|street|路|街/.test(word) ? "road" : "other";
}

function barriers(context: Context, shapes: Shape[], view: Window): void {
  const kinds = new Map<string, Shape[]>();
  for (const shape of shapes) {
    const kind = barrierKind(shape.properties.kind);
    // Walls would cover a whole county in dots.
    if (outOf(shape, view) || (kind === "wall" && view.resolution > FOOTPRINTS / 2) || (kind === "road" && view.resolution > FAR)) continue;
    kinds.set(kind, [...(kinds.get(kind) ?? []), shape]);
  }
  for (const kind of Object.keys(PENS)) {
    const found = kinds.get(kind);
    if (!found) continue;
    if (kind === "river") {
      context.beginPath();
      for (const shape of found) if (shape.closed) trace(context, shape.flat, 0, shape.ends, view, true);
      context.fillStyle = "#a8cde6";
      context.fill();
    }
    context.beginPath();
    for (const shape of found) trace(context, shape.flat, 0, shape.ends, view, false);
    for (const pen of PENS[kind]!) {
      context.setLineDash(pen.dash);
      context.lineCap = "butt";
      context.strokeStyle = pen.colour;
      context.lineWidth = view.resolution > FAR ? pen.width / 2 : pen.width;
      context.stroke();
    }
  }
  context.setLineDash([]);
}

/** Boxes that are written on already, in cells of a coarse grid. */
class Taken {
  private readonly cells = new Map<number, [number, number, number, number][]>();

  /** Whether a box was still free; it is taken then. */
  take(west: number, north: number, east: number, south: number): boolean {
    const touched: number[] = [];
    for (let column = Math.floor(west / 64); column <= Math.floor(east / 64); column++) {
      for (let row = Math.floor(north / 64); row <= Math.floor(south / 64); row++) {
        const key = (column + 1000) * 10_000 + row + 1000;
        if (this.cells.get(key)?.some((box) => box[0] < east && box[2] > west && box[1] < south && box[3] > north)) return false;
        touched.push(key);
      }
    }
    for (const key of touched) this.cells.set(key, [...(this.cells.get(key) ?? []), [west, north, east, south]]);
    return true;
  }
}

/** Free pixels that an average area needs to be named. */
const LEGIBLE = 24;

function names(context: Context, scene: Scene, view: Window): void {
  const taken = new Taken();
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const inner = scene.tiers.at(-1);
  if (view.resolution < NEAR && inner) {
    for (const name of inner.names) write(context, name, view, taken, inner.size + 2, true, "#17212b");
    for (const name of scene.unitNames) write(context, name, view, taken, 10.5, false, "#3b4650");
    return;
  }
  const tier = [...scene.tiers].reverse().find(({ width }) => width / view.resolution >= LEGIBLE) ?? scene.tiers[0];
  if (!tier) return;
  for (const name of tier.names) {
    const pixels = name.width / view.resolution;
    if (pixels >= LEGIBLE / 2) write(context, name, view, taken, tier.size, true, "#17212b", pixels < LEGIBLE * 1.15);
  }
}

function write(context: Context, name: Name, view: Window, taken: Taken, size: number, bold: boolean, colour: string, short = false): void {
  const x = (name.x - view.west) / view.resolution;
  const y = (view.north - name.y) / view.resolution;
  if (x < -80 || y < -30 || x > view.width + 80 || y > view.height + 30) return;
  const sub = short ? "" : name.sub;
  const wide = Math.max(name.text.length * size * (/[⺀-鿿]/.test(name.text) ? 1 : 0.6), sub.length * size * 0.58);
  const high = sub ? size * 2.25 : size * 1.15;
  if (!taken.take(x - wide / 2 - 1, y - high / 2, x + wide / 2 + 1, y + high / 2)) return;
  line(context, name.text, x, sub ? y - size * 0.55 : y, `${bold ? "600 " : ""}${size}px ${FONT}`, colour);
  if (sub) line(context, sub, x, y + size * 0.58, `${size - (bold ? 1 : 0)}px ${FONT}`, colour);
}

function line(context: Context, text: string, x: number, y: number, font: string, colour: string): void {
  context.font = font;
  context.strokeStyle = "#ffffffd0";
  context.lineWidth = 2.6;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}
