import { useMemo, useState } from "preact/hooks";
import type { Area } from "../../api/types";
import { Table, type Column } from "../../components/Table";
import { count, language, translator } from "../../i18n";
import { common } from "../../i18n/common";
import { see } from "../../i18n/see";
import type { PlanMap } from "../../map/planMap";
import { areasNow } from "../../state/areas";
import { picked, sizeFilter, type Shown } from "../../state/shown";

const t = translator(see);
const c = translator(common);

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

export function Areas({ map, shown }: { map: PlanMap | null; shown: Shown }) {
  const [filter, setFilter] = useState("");
  const all = areasNow.value;
  const range = sizeFilter.value;
  const rows = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    const sized = range ? all.filter(({ households, locked }) => !locked && households >= range.from && households <= range.to) : all;
    return wanted ? sized.filter((area) => [area.code, area.name, area.community, area.compounds, area.contents].some((each) => text(each).toLowerCase().includes(wanted))) : sized;
  }, [all, filter, range]);
  const columns = useMemo<Column<Area>[]>(
    () => [
      {
        id: "code",
        title: c("code"),
        value: (area) => area.code,
        show: (area) => (
          <>
            <i class="swatch" style={{ background: map?.colour(area.code) ?? "" }} />
            <span class="tail" title={area.code}>
              <bdi>{area.code}</bdi>
            </span>
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
      { id: "community", title: t("community"), value: (area) => text(area.community ?? area.name) },
      { id: "walk", title: t("walk"), value: (area) => area.mean_walk_m ?? null, numeric: true },
    ],
    [map, language.value, shown.labels],
  );
  return (
    <>
      <input type="search" class="filter" placeholder={t("filter")} aria-label={t("filter")} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
      {range && (
        <p>
          {t("onlySizes", { from: range.from, to: range.to })}{" "}
          <button type="button" class="plain" onClick={() => (sizeFilter.value = null)}>
            {t("allSizes")}
          </button>
        </p>
      )}
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
      <p class="quiet">{rows.length ? t("rows", { count: count(rows.length) }) : t("empty")}</p>
    </>
  );
}
