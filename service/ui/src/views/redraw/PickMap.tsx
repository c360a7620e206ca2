import { effect } from "@preact/signals";
import { toLonLat } from "ol/proj";
import { useEffect, useRef } from "preact/hooks";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { redraw } from "../../i18n/redraw";
import { PlanMap } from "../../map/planMap";
import { chosenUnits, placing, touched } from "../../state/redrawing";
import { loadingShown, shown } from "../../state/shown";
import { followShown } from "../map/followShown";

const t = translator(redraw);
const c = translator(common);

function toggle(unit: number): void {
  const next = new Set(chosenUnits.value);
  if (!next.delete(unit)) next.add(unit);
  chosenUnits.value = next;
}

function follow(map: PlanMap): () => void {
  const stops = [
    followShown(map),
    effect(() => map.pick(chosenUnits.value)),
    effect(() => map.target(new Set(shown.value ? touched.value.flatMap(({ code }) => [...map.unitsOf(code)]) : []))),
  ];
  return () => stops.forEach((stop) => stop());
}

/** The plan of before, on which one picks what changed. */
export function PickMap({ onReady }: { onReady: (map: PlanMap) => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const map = new PlanMap(box.current!);
    onReady(map);
    const stop = follow(map);
    map.olMap.on("singleclick", (event) => {
      const put = placing.value;
      if (put) {
        const [lon, lat] = toLonLat(event.coordinate) as [number, number];
        placing.value = null;
        put(lon, lat);
        return;
      }
      const unit = map.unitAt(event.pixel);
      if (unit !== null) toggle(unit);
    });
    map.olMap.on("pointermove", (event) => {
      if (!event.dragging) map.hover(map.unitAt(event.pixel));
    });
    return () => (stop(), map.dispose());
  }, []);
  return (
    <>
      <div class="map" ref={box} role="application" aria-label={t("order")} tabIndex={0} />
      {(loadingShown.value || placing.value) && (
        <p class="map-note" role="status">
          {placing.value ? t("placing") : c("loading")}
        </p>
      )}
    </>
  );
}
