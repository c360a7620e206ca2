import type { Violation } from "../../api/types";
import { translator } from "../../i18n";
import { see } from "../../i18n/see";
import type { PlanMap } from "../../map/planMap";
import { picked, type Shown } from "../../state/shown";

const t = translator(see);

export function Problems({ map, shown }: { map: PlanMap | null; shown: Shown }) {
  if (!shown.violations.length) return <p>{t("noneBroken")}</p>;
  const look = (violation: Violation) => {
    const units = violation.units.flatMap((id) => shown.cells.index.get(id) ?? []);
    if (violation.grid) picked.value = violation.grid;
    if (map) map.zoomTo(units.length ? units : map.unitsOf(violation.grid ?? ""));
  };
  return (
    <ul class="problems">
      {shown.violations.map((violation) => (
        <li class={violation.warning ? "" : "bad"}>
          <p>{violation.message}</p>
          {violation.remedy && <p class="quiet">{violation.remedy}</p>}
          <button type="button" class="plain" onClick={() => look(violation)}>
            {t("zoom")}
          </button>
        </li>
      ))}
    </ul>
  );
}
