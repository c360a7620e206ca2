import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { people } from "../../i18n/people";
import { PlanMap } from "../../map/planMap";
import { labelsNow } from "../../state/draft";
import { loadingShown, picked, shown } from "../../state/shown";
import { found, loadOf, servingAt, shownRole, wish } from "../../state/staffing";
import { level, mayPlan } from "../../state/workspace";
import { followShown } from "../map/followShown";
import { SHADES, VACANT, shadeOf } from "./shades";

const t = translator(people);
const c = translator(common);

function shade(code: string | null): string | null {
  if (code === null) return null;
  const serving = servingAt.value.get(code);
  if (!serving?.length) return VACANT;
  return shadeOf(Math.max(...serving.map(({ person }) => ratioOf(person))));
}

function ratioOf(person: string): number {
  const held = loadOf.value.get(person);
  return held && held.capacity > 0 ? held.load / held.capacity : 0;
}

function follow(map: PlanMap): () => void {
  const stops = [
    followShown(map, { labels: () => labelsNow.value, buildings: false }),
    effect(() => {
      const now = shown.value;
      const served = found.value && shownRole.value?.level === level.value;
      void loadOf.value;
      const labels = labelsNow.value;
      map.setShade(now && served ? (unit) => (now.cells.properties[unit]!.locked ? null : shade(labels[unit] ?? null)) : null);
    }),
    effect(() => map.select(picked.value && shown.value ? map.unitsOf(picked.value) : new Set())),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Grids in shades of the loads of those who serve there; people are dropped onto it. */
export function LoadMap({ onReady }: { onReady: (map: PlanMap) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const own = useRef<PlanMap | null>(null);
  const [over, setOver] = useState(false);
  useEffect(() => {
    const map = new PlanMap(box.current!);
    own.current = map;
    onReady(map);
    const stop = follow(map);
    map.olMap.on("singleclick", (event) => {
      const unit = map.unitAt(event.pixel);
      picked.value = unit === null ? null : (labelsNow.value[unit] ?? null);
    });
    return () => (stop(), map.dispose());
  }, []);
  const codeAt = (event: DragEvent): string | null => {
    const map = own.current;
    const unit = map ? map.unitAt(map.olMap.getEventPixel(event)) : null;
    return unit === null ? null : (labelsNow.value[unit] ?? null);
  };
  const onDragOver = (event: DragEvent) => {
    if (!mayPlan.value || !event.dataTransfer?.types.includes("text/wangge-person")) return;
    event.preventDefault();
    setOver(true);
    const code = codeAt(event);
    own.current?.target(code ? own.current.unitsOf(code) : new Set());
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    own.current?.target(new Set());
    const [person, target] = [event.dataTransfer?.getData("text/wangge-person"), codeAt(event)];
    if (!person || !target) return;
    wish({ person, target });
    picked.value = target;
  };
  return (
    <>
      <div class={over ? "map dropping" : "map"} ref={box} role="application" aria-label={t("legend")} tabIndex={0} onDragOver={onDragOver} onDragLeave={() => setOver(false)} onDrop={onDrop} />
      {found.value && shownRole.value?.level === level.value && (
        <div class="load-legend">
          {t("legend")}
          <span>
            <i class="swatch" style={{ background: VACANT }} /> {t("nobody")} · {t("legendLight")}{" "}
            {SHADES.map((colour) => (
              <i class="swatch flat" style={{ background: colour }} />
            ))}
            {" "}
            {t("legendHeavy")}
          </span>
        </div>
      )}
      {loadingShown.value && (
        <p class="map-note" role="status">
          {c("loading")}
        </p>
      )}
    </>
  );
}
