import { useEffect, useState } from "preact/hooks";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { see } from "../../i18n/see";
import type { PlanMap } from "../../map/planMap";
import { shortName } from "../../map/names";
import { editing, labelsNow } from "../../state/draft";
import { picks } from "../../state/draftTrial";
import { partsOf, picked, pickedUnit, shown, type Part } from "../../state/shown";
import { pickUnits } from "./MapBox";

const t = translator(see);
const c = translator(common);

/** The building of a unit: a slice is named BUILDING#STAIRWELL-FLOOR. */
const buildingOf = (id: string): string => id.split("#")[0]!;

/** A building from the front: one box per floor and stairwell, in the colour of its micro-grid. */
export function Elevation({ map }: { map: PlanMap | null }) {
  const now = shown.value;
  const unit = pickedUnit.value;
  const building = now && unit !== null && now.level === "micro" ? buildingOf(now.cells.ids[unit]!) : null;
  const [parts, setParts] = useState<Part[] | null>(null);
  useEffect(() => {
    if (!building || !now) return;
    setParts(null);
    let here = true;
    partsOf(now.plan).then((all) => here && setParts(all.get(building) ?? []), () => here && setParts([]));
    return () => {
      here = false;
    };
  }, [building, now?.plan]);
  if (!building || !now) return null;
  const close = (
    <button type="button" class="plain close" aria-label={c("close")} onClick={() => (pickedUnit.value = null)}>
      ×
    </button>
  );
  const sliced = parts?.filter(({ stairwell }) => stairwell !== null) ?? [];
  const name = parts?.[0]?.name ?? now.cells.properties[unit!]?.name ?? building;
  return (
    <section class="elevation" aria-label={t("elevation", { name })}>
      {close}
      <h3>{t("elevation", { name })}</h3>
      {parts === null ? <p class="quiet">{c("loading")}</p> : sliced.length ? <Front parts={sliced} map={map} /> : <p class="quiet">{t("noParts")}</p>}
    </section>
  );
}

function Front({ parts, map }: { parts: Part[]; map: PlanMap | null }) {
  const now = shown.value!;
  const stairwells = [...new Map(parts.map((part) => [part.stairwell!, part.stairwell_name])).entries()].sort(([a], [b]) => a - b);
  const floors = [...new Set(parts.map(({ floor_low }) => floor_low ?? 1))].sort((a, b) => b - a);
  const at = new Map(parts.map((part) => [`${part.stairwell}/${part.floor_low ?? 1}`, part]));
  return (
    <>
      <div class="front-scroll">
        <table class="front">
          <tbody>
            {floors.map((floor) => (
              <tr>
                <th scope="row">{floor}</th>
                {stairwells.map(([stairwell]) => {
                  const part = at.get(`${stairwell}/${floor}`);
                  return <td>{part && <Slice part={part} unit={now.cells.index.get(part.id) ?? null} map={map} />}</td>;
                })}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td />
              {stairwells.map(([stairwell, name]) => (
                <th scope="col">{name ?? t("stairwell", { n: stairwell })}</th>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
      <p class="quiet">{t("elevationHint")}</p>
    </>
  );
}

function Slice({ part, unit, map }: { part: Part; unit: number | null; map: PlanMap | null }) {
  const label = unit === null ? part.micro_grid : (labelsNow.value[unit] ?? null);
  const parent = unit === null ? null : (shown.value?.cells.properties[unit]?.community ?? null);
  const short = label === null ? "–" : shortName(label, parent);
  const press = () => {
    if (editing.value && unit !== null) pickUnits([unit], picks.value.has(unit));
    else picked.value = label;
  };
  return (
    <button
      type="button"
      aria-pressed={editing.value ? unit !== null && picks.value.has(unit) : label !== null && picked.value === label}
      style={{ background: label ? map?.colour(label) : "#dfe3e6" }}
      title={`${label ?? t("noArea")} · ${t("householdsOf", { count: part.households })}`}
      onClick={press}
    >
      {short}
      <small>{part.households}</small>
    </button>
  );
}
