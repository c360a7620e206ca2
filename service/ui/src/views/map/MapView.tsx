import { useEffect, useState } from "preact/hooks";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { edit } from "../../i18n/edit";
import { see } from "../../i18n/see";
import type { PlanMap } from "../../map/planMap";
import { draft, editing } from "../../state/draft";
import { ask, link } from "../../state/route";
import { baseMap, baseMapOn, loadingShown, shown, tab } from "../../state/shown";
import { level, plan, plans } from "../../state/workspace";
import { Conflict } from "../edit/Conflict";
import { EditPanel } from "../edit/EditPanel";
import { Toolbar } from "../edit/Toolbar";
import { useEditKeys } from "../edit/keys";
import { Areas } from "./Areas";
import { Elevation } from "./Elevation";
import { Legend } from "./Legend";
import { MapBox } from "./MapBox";
import { Overview } from "./Overview";
import { Problems, problemCount } from "./Problems";
import { Tooltip } from "./Tooltip";

const t = translator(see);
const c = translator(common);
const e = translator(edit);

function Levels() {
  const levels = plan.value?.levels ?? [];
  if (levels.length < 2) return null;
  return (
    <div class="segments" role="group" aria-label={c("level")}>
      {levels.map((each) => (
        <button type="button" aria-pressed={each.level === level.value} onClick={() => ask({ level: each.level, draft: "" })}>
          {c(each.level)}
        </button>
      ))}
    </div>
  );
}

const TABS = [
  { id: "overview", title: () => t("overview"), Panel: Overview },
  { id: "areas", title: () => t("areas"), Panel: Areas },
  { id: "violations", title: () => t("violations"), Panel: Problems },
  { id: "edit", title: () => e("edit"), Panel: EditPanel },
] as const;

function onArrow(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const at = (TABS.findIndex(({ id }) => id === tab.value) + step + TABS.length) % TABS.length;
  tab.value = TABS[at]!.id;
  document.getElementById(`tab-${tab.value}`)?.focus();
}

function Side({ map }: { map: PlanMap | null }) {
  const { Panel } = TABS.find(({ id }) => id === tab.value)!;
  const problems = problemCount.value;
  return (
    <aside class="side">
      <Levels />
      <div class="tabs" role="tablist" onKeyDown={onArrow}>
        {TABS.map(({ id, title }) => (
          <button type="button" role="tab" id={`tab-${id}`} tabIndex={id === tab.value ? 0 : -1} aria-selected={id === tab.value} aria-controls="panel" onClick={() => (tab.value = id)}>
            {title()}
            {id === "violations" && problems > 0 && <span class="badge">{problems}</span>}
          </button>
        ))}
      </div>
      <div id="panel" role="tabpanel" aria-labelledby={`tab-${tab.value}`} class="panel" tabIndex={-1}>
        {shown.value ? <Panel map={map} shown={shown.value} /> : <p class="waiting">{c("loading")}</p>}
      </div>
    </aside>
  );
}

export function MapView() {
  const [map, setMap] = useState<PlanMap | null>(null);
  const draftId = draft.value?.id;
  useEditKeys();
  useEffect(() => {
    if (draftId) tab.value = "edit";
  }, [draftId]);
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
        {editing.value && <Toolbar />}
        <div class="map-buttons">
          <button type="button" onClick={() => map?.fit()}>
            {t("fit")}
          </button>
          {baseMap.value && (
            <button type="button" aria-pressed={baseMapOn.value} onClick={() => (baseMapOn.value = !baseMapOn.value)}>
              {t("baseMap")}
            </button>
          )}
        </div>
        <Legend />
        <Tooltip />
        <Elevation map={map} />
        {loadingShown.value && (
          <p class="map-note" role="status">
            {c("loading")}
          </p>
        )}
      </div>
      <Side map={map} />
      <Conflict />
    </div>
  );
}
