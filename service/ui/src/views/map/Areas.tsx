import { useMemo, useState } from "preact/hooks";
import type { Area } from "../../api/types";
import { Table, type Column } from "../../components/Table";
import { count, language, translator } from "../../i18n";
import { common } from "../../i18n/common";
import { see } from "../../i18n/see";
import type { PlanMap } from "../../map/planMap";
import { picked, type Shown } from "../../state/shown";

const t = translator(see);
const c = translator(common);

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

export function Areas({ map, shown }: { map: PlanMap | null; shown: Shown }) {
  const [filter, setFilter] = useState("");
  const rows = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    return wanted ? shown.areas.filter((area) => [area.code, area.community, area.compounds].some((each) => text(each).toLowerCase().includes(wanted))) : shown.areas;
  }, [shown.areas, filter]);
  const columns = useMemo<Column<Area>[]>(
    () => [
      {
        id: "code",
        title: c("code"),
        value: (area) => area.code,
        show: (area) => (
          <>
            <i class="swatch" style={{ background: map?.colour(area.code) ?? "" }} />
            <span title={area.code}>{area.code}</span>
          </>
        ),
      },
      {
        id: "households",
        title: c("households"),
        value: (area) => area.households,
        numeric: true,
        show: (area) => <span class={area.within_bounds === false ? "bad" : ""}>{count(area.households)}</span>,
      },
      { id: "community", title: t("community"), value: (area) => text(area.community) },
      { id: "walk", title: t("walk"), value: (area) => area.mean_walk_m ?? null, numeric: true },
    ],
    [map, language.value, shown.labels],
  );
  return (
    <>
      <input type="search" class="filter" placeholder={t("filter")} aria-label={t("filter")} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
      <Table
        rows={rows}
        columns={columns}
        keyOf={(area) => area.code}
        picked={picked.value}
        label={t("areas")}
        onPick={(area) => {
          picked.value = area.code;
          map?.zoomTo(map.unitsOf(area.code));
        }}
      />
      <p class="quiet">{t("rows", { count: count(rows.length) })}</p>
    </>
  );
}
