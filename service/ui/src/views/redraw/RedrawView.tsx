import { useState } from "preact/hooks";
import { common } from "../../i18n/common";
import { translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import type { PlanMap } from "../../map/planMap";
import { ask, link, route } from "../../state/route";
import { level, mayPlan, plan, plans } from "../../state/workspace";
import { Order } from "./Order";
import { PickMap } from "./PickMap";
import { Result } from "./Result";
import { TwoMaps, type Maps } from "./TwoMaps";

const t = translator(redraw);
const c = translator(common);
const TABS = ["order", "result"] as const;

function onArrow(event: KeyboardEvent): void {
  if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
  const other = route.value.query.tab === "result" ? "order" : "result";
  ask({ tab: other });
  document.getElementById(`redraw-${other}`)?.focus();
}

/** Redraw and compare: note what changed, let the grids follow, see what became of them. */
export function RedrawView() {
  const [map, setMap] = useState<PlanMap | null>(null);
  const [maps, setMaps] = useState<Maps | null>(null);
  const tab = route.value.query.tab === "result" || (!route.value.query.tab && plan.value?.base) ? "result" : "order";
  if (plans.value === null) return <p class="waiting">{c("loading")}</p>;
  if (!plans.value.length) {
    return (
      <div class="card narrow">
        <p>{t("noPlanYet")}</p>
        <a class="button" href={link({ view: "plan" })}>
          {t("toPlan")}
        </a>
      </div>
    );
  }
  const levels = plan.value?.levels ?? [];
  return (
    <div class="split">
      <div class="map-area">{tab === "order" ? <PickMap onReady={setMap} /> : <TwoMaps onReady={setMaps} />}</div>
      <aside class="side">
        {levels.length > 1 && (
          <div class="segments" role="group" aria-label={c("level")}>
            {levels.map((each) => (
              <button type="button" aria-pressed={each.level === level.value} onClick={() => ask({ level: each.level })}>
                {c(each.level)}
              </button>
            ))}
          </div>
        )}
        <div class="tabs" role="tablist" onKeyDown={onArrow}>
          {TABS.map((each) => (
            <button type="button" role="tab" id={`redraw-${each}`} tabIndex={each === tab ? 0 : -1} aria-selected={each === tab} aria-controls="panel" onClick={() => ask({ tab: each })}>
              {t(each)}
            </button>
          ))}
        </div>
        <div id="panel" role="tabpanel" aria-labelledby={`redraw-${tab}`} class="panel" tabIndex={-1}>
          {tab === "result" ? <Result maps={maps} /> : mayPlan.value ? <Order map={map} /> : <p class="quiet">{t("noRight")}</p>}
        </div>
      </aside>
    </div>
  );
}
