import { computed } from "@preact/signals";
import type { Violation } from "../../api/types";
import { count, translator } from "../../i18n";
import { see } from "../../i18n/see";
import type { PlanMap } from "../../map/planMap";
import { draft, editing, labelsNow } from "../../state/draft";
import { picked, shown as shownNow, type Shown } from "../../state/shown";
import { plan } from "../../state/workspace";

const t = translator(see);
/** Buildings listed at most. */
const MOST = 300;

interface Told {
  message: string;
  remedy: string;
  warning: boolean;
  grid: string | null;
  units: string[];
}

const asTold = ({ message, remedy, grid, units, kind }: Violation): Told => ({ message, remedy, grid, units, warning: kind === "warning" });

/** What is wrong now: of the draft while one is open, else of the plan. */
const told = computed<Told[]>(() => {
  const now = shownNow.value;
  if (!now) return [];
  const all = now.violations.map(asTold);
  if (!editing.value) return all;
  return [...draft.value!.violations.map(({ message, grid }) => ({ message, grid, remedy: "", warning: false, units: [] })), ...all.filter(({ warning }) => warning)];
});

const lost = computed(() => {
  const units: number[] = [];
  labelsNow.value.forEach((label, unit) => label === null && units.push(unit));
  return units;
});

interface Building {
  properties: { id: string; name: string | null; grid: string | null; households: number };
}

/** Buildings of the ledger that belong to no grid, though their unit may not be on the map at all. */
const uncounted = computed(() => {
  const features = (shownNow.value?.buildings as { features?: Building[] } | null)?.features ?? [];
  const drawn = shownNow.value?.cells.index;
  return features.map(({ properties }) => properties).filter(({ grid, id }) => grid === null && !drawn?.has(id));
});

export const problemCount = computed(() => told.value.length + lost.value.length + uncounted.value.length);

export function Problems({ map, shown }: { map: PlanMap | null; shown: Shown }) {
  const look = ({ grid, units: ids }: Told) => {
    const units = ids.flatMap((id) => shown.cells.index.get(id) ?? []);
    if (grid) picked.value = grid;
    map?.zoomTo(units.length ? units : map.unitsOf(grid ?? ""));
  };
  const notices = plan.value?.notices ?? [];
  return (
    <>
      {told.value.length ? (
        <ul class="problems">
          {told.value.map((each) => (
            <li class={each.warning ? "" : "bad"}>
              <p>{each.message}</p>
              {each.remedy && <p class="quiet">{each.remedy}</p>}
              {(each.grid || each.units.length > 0) && (
                <button type="button" class="plain" onClick={() => look(each)}>
                  {t("zoom")}
                </button>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p>{t("noneBroken")}</p>
      )}
      {lost.value.length > 0 && (
        <>
          <h3>
            {t("unassigned")} ({count(lost.value.length)})
          </h3>
          <p class="quiet">{t("unassignedWhy")}</p>
          <ul class="plain-list">
            {lost.value.slice(0, MOST).map((unit) => (
              <li>
                <button type="button" class="plain" onClick={() => map?.zoomTo([unit])}>
                  {shown.cells.properties[unit]!.name ?? shown.cells.ids[unit]}
                </button>{" "}
                {t("householdsOf", { count: shown.cells.properties[unit]!.households })}
              </li>
            ))}
          </ul>
        </>
      )}
      {uncounted.value.length > 0 && (
        <>
          <h3>
            {t("uncounted")} ({count(uncounted.value.length)})
          </h3>
          <p class="quiet">{t("uncountedWhy")}</p>
          <ul class="plain-list">
            {uncounted.value.slice(0, MOST).map(({ id, name, households }) => (
              <li>
                {name ?? id} · {t("householdsOf", { count: households })}
              </li>
            ))}
          </ul>
        </>
      )}
      {notices.length > 0 && (
        <>
          <h3>{t("notices")}</h3>
          <ul class="problems">
            {notices.map((notice) => (
              <li>
                <p>{notice.message}</p>
                {notice.remedy && <p class="quiet">{notice.remedy}</p>}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
