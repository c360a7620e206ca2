import { useMemo, useState } from "preact/hooks";
import { Table, type Column } from "../../components/Table";
import { count, language, translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import type { AreaFate, LevelChange } from "../../state/comparing";
import type { Maps } from "./TwoMaps";

const t = translator(redraw);

const codeOf = ({ code, previous }: AreaFate): string => code ?? previous ?? "";

/** What became of every area: kept, changed, split, merged, new, retired. */
export function Lineage({ change, maps }: { change: LevelChange; maps: Maps | null }) {
  const [kept, setKept] = useState(false);
  const [picked, setPicked] = useState<string | null>(null);
  const unchanged = change.areas.filter(({ fate }) => fate === "kept").length;
  const rows = useMemo(() => change.areas.filter(({ fate }) => kept || fate !== "kept"), [change, kept]);
  const columns = useMemo<Column<AreaFate>[]>(
    () => [
      { id: "code", title: t("area"), value: codeOf, show: (area) => <span title={codeOf(area)}>{codeOf(area)}</span> },
      { id: "fate", title: t("fate"), value: ({ fate }) => t(`fate_${fate}`) },
      { id: "gained", title: t("gained"), value: ({ gained }) => gained, numeric: true },
      { id: "lost", title: t("lost"), value: ({ lost }) => lost, numeric: true },
    ],
    [language.value],
  );
  const pick = (area: AreaFate) => {
    setPicked(codeOf(area));
    if (!maps) return;
    const [before, after] = [maps.before.unitsOf(area.previous ?? ""), maps.after.unitsOf(area.code ?? "")];
    maps.before.select(before);
    maps.after.select(after);
    if (after.size) maps.after.zoomTo(after);
    else maps.before.zoomTo(before);
  };
  return (
    <section>
      <h3>{t("fates")}</h3>
      {rows.length > 0 && (
        <div class="short fates">
          <Table rows={rows} columns={columns} keyOf={codeOf} picked={picked} label={t("fates")} onPick={pick} />
        </div>
      )}
      <label class="check">
        <input type="checkbox" checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />
        {t("showKept", { count: count(unchanged) })}
      </label>
    </section>
  );
}
