import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { translator } from "../../i18n";
import { see } from "../../i18n/see";
import { PlanMap } from "../../map/planMap";
import { DragPicker } from "../../map/tools";
import { change, changedUnits, editing, isLocked, labelsNow, locks, toggleLine } from "../../state/draft";
import { aiming, hoverTarget, moveTo, painting, picks, target, tool, NEW } from "../../state/draftTrial";
import { baseMap, baseMapOn, picked, pickedUnit, shown, specialUnits } from "../../state/shown";
import { followShown } from "./followShown";
import { hovered } from "./Tooltip";

const t = translator(see);

/** Units join the picks or leave them; while painting they go to the target at once. */
export function pickUnits(units: number[], drop: boolean): void {
  if (painting.value && target.value && !drop) {
    const goal = target.value;
    const going = units.filter((unit) => labelsNow.value[unit] !== goal && !isLocked(unit));
    picks.value = new Set(going);
    if (going.length) change(moveTo(goal));
    picks.value = new Set();
    return;
  }
  const next = new Set(picks.value);
  for (const unit of units) {
    if (drop) next.delete(unit);
    else next.add(unit);
  }
  picks.value = next;
}

function clicked(unit: number | null): void {
  const label = unit === null ? null : (labelsNow.value[unit] ?? null);
  if (!editing.value) {
    picked.value = label;
    pickedUnit.value = unit;
  } else if (aiming.value) {
    if (label !== null) target.value = label;
    aiming.value = false;
    hoverTarget.value = null;
  } else if (unit !== null) {
    pickedUnit.value = unit;
    pickUnits([unit], picks.value.has(unit));
  }
}

const lining = (): boolean => editing.value && !aiming.value && tool.value === "line";

/** The line that was clicked is locked, or let go. */
function lined(map: PlanMap, pixel: number[]): void {
  const pair = map.lineAt(pixel);
  if (pair) toggleLine(pair);
}

function lockedUnits(): Set<number> {
  const locked = new Set<number>();
  if (editing.value && (locks.value.grids.size || locks.value.units.size)) labelsNow.value.forEach((_, unit) => isLocked(unit) && locked.add(unit));
  return locked;
}

function follow(map: PlanMap): () => void {
  const stops = [
    followShown(map, { labels: () => labelsNow.value, marks: () => ({ special: specialUnits.value, locked: lockedUnits(), moved: changedUnits.value }) }),
    effect(() => map.select(picked.value && shown.value && labelsNow.value ? map.unitsOf(picked.value) : new Set())),
    effect(() => map.pick(picks.value)),
    effect(() => {
      const goal = hoverTarget.value ?? target.value;
      map.target(goal && goal !== NEW && labelsNow.value ? map.unitsOf(goal) : new Set());
    }),
    effect(() => map.lockLines(editing.value && labelsNow.value ? [...locks.value.lines.values()] : [])),
    effect(() => map.setBaseMap(baseMapOn.value ? baseMap.value : null)),
  ];
  return () => stops.forEach((stop) => stop());
}

function listen(map: PlanMap): void {
  map.olMap.on("click", (event) => {
    if (lining()) lined(map, event.pixel);
    else clicked(map.unitAt(event.pixel));
  });
  map.olMap.on("pointermove", (event) => {
    if (event.dragging) {
      hovered.value = null;
      return;
    }
    const unit = map.unitAt(event.pixel);
    hovered.value = unit === null ? null : { unit, x: event.pixel[0]!, y: event.pixel[1]! };
    if (lining()) map.hoverLine(map.lineAt(event.pixel));
    else map.hover(unit);
    if (aiming.value) hoverTarget.value = unit === null ? null : (labelsNow.value[unit] ?? null);
  });
  map.olMap.on("movestart", () => (hovered.value = null));
  map.olMap.getViewport()?.addEventListener("pointerleave", () => {
    hovered.value = null;
    map.hover(null);
    if (aiming.value) hoverTarget.value = null;
  });
  const drag = () => (editing.value && !aiming.value && tool.value !== "click" && tool.value !== "line" ? tool.value : null);
  map.olMap.addInteraction(new DragPicker(map, drag, pickUnits));
}

/** Keys that the map itself does not know: 0 shows everything, space picks what is under the cross in the middle. */
function pressed(map: PlanMap, event: KeyboardEvent): void {
  if (event.key === "0" || event.key === "Home") map.fit();
  else if (event.key === " ") {
    const [width, height] = map.olMap.getSize() as [number, number];
    const middle = [width / 2, height / 2];
    if (lining()) lined(map, middle);
    else clicked(map.unitAt(middle));
  } else return;
  event.preventDefault();
}

/** The map of the plan that is shown; it follows the signals and tells what is clicked. */
export function MapBox({ onReady }: { onReady: (map: PlanMap) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const made = useRef<PlanMap | null>(null);
  useEffect(() => {
    const map = new PlanMap(box.current!);
    made.current = map;
    onReady(map);
    const stop = follow(map);
    listen(map);
    return () => {
      stop();
      hovered.value = null;
      map.dispose();
    };
  }, []);
  return (
    <div
      class={`map${aiming.value ? " aiming" : editing.value && tool.value !== "click" ? " picking" : ""}`}
      ref={box}
      role="application"
      aria-label={`${t("map")}: ${t("keysHelp")}`}
      tabIndex={0}
      onKeyDown={(event) => made.current && pressed(made.current, event)}
    />
  );
}
