import { count, translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { brief } from "../../map/names";
import type { PlanMap } from "../../map/planMap";
import { change, locks } from "../../state/draft";
import { homes, picks } from "../../state/draftTrial";
import { shown } from "../../state/shown";
import { LineLocks } from "./LineLocks";

const t = translator(edit);

export function Locks({ map }: { map: PlanMap | null }) {
  const { grids, units, lines } = locks.value;
  const ids = [...picks.value].map((unit) => shown.value!.cells.ids[unit]!);
  const unitsLocked = ids.length > 0 && ids.every((id) => units.has(id));
  return (
    <section>
      <h3>{t("locks")}</h3>
      <p class="quiet">{t("lockHint")}</p>
      <div class="row">
        {homes.value.slice(0, 3).map((grid) => (
          <button type="button" onClick={() => change(grids.has(grid) ? { unlock: { grids: [grid] } } : { lock: { grids: [grid] } })}>
            {t(grids.has(grid) ? "unlockGrid" : "lockGrid", { grid: brief(grid) })}
          </button>
        ))}
        {ids.length > 0 && (
          <button type="button" onClick={() => change(unitsLocked ? { unlock: { units: ids } } : { lock: { units: ids } })}>
            {t(unitsLocked ? "unlockUnits" : "lockUnits")}
          </button>
        )}
        <button type="button" onClick={() => change({ lock: { all: true } })}>
          {t("lockAll")}
        </button>
        <button type="button" disabled={!grids.size && !units.size && !lines.size} onClick={() => change({ unlock: { grids: [...grids], units: [...units], lines: [...lines.values()] } })}>
          {t("unlockAll")}
        </button>
      </div>
      {(grids.size > 0 || units.size > 0) && <p class="quiet">{t("locked", { grids: count(grids.size), units: count(units.size) })}</p>}
      <LineLocks map={map} />
    </section>
  );
}
