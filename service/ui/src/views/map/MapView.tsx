import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { see } from "../../i18n/see";
import { PlanMap } from "../../map/planMap";
import { ask, link } from "../../state/route";
import { loadingShown, picked, shown } from "../../state/shown";
import { level, plan, plans } from "../../state/workspace";
import { Areas } from "./Areas";
import { Overview } from "./Overview";
import { Problems } from "./Problems";

const t = translator(see);
const c = translator(common);

/** The map of the plan that is shown; it follows the signals and tells the picked area. */
function MapBox({ onReady }: { onReady: (map: PlanMap) => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const map = new PlanMap(box.current!);
    onReady(map);
    let drawn: object | null = null;
    const stopShown = effect(() => {
      const now = shown.value;
      if (!now) return;
      if (drawn !== now.cells) {
        drawn = now.cells;
        map.setCells(now.cells);
        map.fit();
        map.setLabels(now.labels);
      }
      if (now.barriers) map.setBarriers(now.barriers);
      if (now.buildings) map.setBuildings(now.buildings);
    });
    const stopPicked = effect(() => map.select(picked.value && shown.value ? map.unitsOf(picked.value) : new Set()));
    map.olMap.on("singleclick", (event) => {
      const unit = map.unitAt(event.pixel);
      picked.value = unit === null ? null : (shown.value?.labels[unit] ?? null);
    });
    map.olMap.on("pointermove", (event) => {
      if (!event.dragging) map.hover(map.unitAt(event.pixel));
    });
    return () => {
      stopShown();
      stopPicked();
      map.dispose();
    };
  }, []);
  return <div class="map" ref={box} role="application" aria-label={t("map")} tabIndex={0} />;
}

function Levels() {
  const levels = plan.value?.levels ?? [];
  if (levels.length < 2) return null;
  return (
    <div class="segments" role="group" aria-label={c("level")}>
      {levels.map((each) => (
        <button type="button" aria-pressed={each.level === level.value} onClick={() => ask({ level: each.level })}>
          {c(each.level)}
        </button>
      ))}
    </div>
  );
}

const TABS = [
  { id: "overview", Panel: Overview },
  { id: "areas", Panel: Areas },
  { id: "violations", Panel: Problems },
] as const;

function Side({ map }: { map: PlanMap | null }) {
  const [tab, setTab] = useState<(typeof TABS)[number]["id"]>("overview");
  const { Panel } = TABS.find(({ id }) => id === tab)!;
  const broken = shown.value?.violations.length ?? 0;
  return (
    <aside class="side">
      <Levels />
      <div class="tabs" role="tablist">
        {TABS.map(({ id }) => (
          <button type="button" role="tab" id={`tab-${id}`} aria-selected={id === tab} aria-controls="panel" onClick={() => setTab(id)}>
            {t(id)}
            {id === "violations" && broken > 0 && <span class="badge">{broken}</span>}
          </button>
        ))}
      </div>
      <div id="panel" role="tabpanel" aria-labelledby={`tab-${tab}`} class="panel">
        {shown.value ? <Panel map={map} shown={shown.value} /> : <p class="waiting">{c("loading")}</p>}
      </div>
    </aside>
  );
}

export function MapView() {
  const [map, setMap] = useState<PlanMap | null>(null);
  if (plans.value && !plans.value.length) {
    return (
      <div class="card narrow">
        <p>{t("noPlanYet")}</p>
        <p>
          <a class="button" href={link({ view: "data" })}>
            {t("toData")}
          </a>{" "}
          <a class="button" href={link({ view: "plan" })}>
            {t("toPlan")}
          </a>
        </p>
      </div>
    );
  }
  return (
    <div class="split">
      <div class="map-area">
        <MapBox onReady={setMap} />
        {loadingShown.value && (
          <p class="map-note" role="status">
            {c("loading")}
          </p>
        )}
      </div>
      <Side map={map} />
    </div>
  );
}
