import { useMemo, useState } from "preact/hooks";
import { Table, type Column } from "../../components/Table";
import { count, language, percent, translator } from "../../i18n";
import { people } from "../../i18n/people";
import { brief } from "../../map/names";
import type { PlanMap } from "../../map/planMap";
import { staffDraft } from "../../state/draftStaffing";
import { picked } from "../../state/shown";
import { absent, found, shownRole, type PersonLoad } from "../../state/staffing";
import { mayPlan } from "../../state/workspace";
import { shadeOf } from "./shades";

const t = translator(people);

const ratio = ({ load, capacity }: PersonLoad): number => (capacity > 0 ? load / capacity : 0);

function Bar({ person }: { person: PersonLoad }) {
  const share = ratio(person);
  const title = t("loadOf", { load: count(person.load), capacity: count(person.capacity), share: percent(share) });
  return (
    <span class="load-bar" title={title}>
      <i style={{ width: `${Math.min(100, (share / 1.3) * 100)}%`, background: shadeOf(share) }} />
      <i class="full" aria-hidden="true" />
      <b>{percent(share)}</b>
    </span>
  );
}

/** Everybody of the role with a bar of their load; people may be dragged onto the map. */
export function Loads({ map }: { map: PlanMap | null }) {
  const [filter, setFilter] = useState("");
  const [person, setPerson] = useState<string | null>(null);
  const now = found.value;
  const wanted = filter.trim().toLowerCase();
  const rows = useMemo(
    () => (now?.people ?? []).filter((each) => each.role === shownRole.value?.role && (!wanted || [each.person, ...each.targets].some((word) => word.toLowerCase().includes(wanted)))),
    [now, shownRole.value?.role, wanted],
  );
  const columns = useMemo<Column<PersonLoad>[]>(
    () => [
      {
        id: "person",
        title: t("who"),
        value: (each) => each.person,
        show: (each) => (
          <span class="grip" draggable={mayPlan.value} onDragStart={(event) => event.dataTransfer?.setData("text/wangge-person", each.person)}>
            {each.person}
          </span>
        ),
      },
      { id: "targets", title: t("targets"), value: (each) => each.targets.join(" "), show: (each) => <span title={each.targets.join("、")}>{each.targets.map(brief).join("、") || t("idle")}</span> },
      { id: "load", title: t("perCapacity"), value: ratio, show: (each) => <Bar person={each} /> },
    ],
    [language.value, mayPlan.value],
  );
  if (!rows.length && !wanted) return null;
  const pick = (each: PersonLoad) => {
    setPerson(each.person);
    const target = each.targets[0];
    if (!target || !map) return;
    picked.value = target;
    map.zoomTo(map.unitsOf(target));
  };
  return (
    <section>
      <h3>{t("loads")}</h3>
      <input type="search" class="filter" placeholder={t("filter")} aria-label={t("filter")} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
      <div class="short loads">
        <Table rows={rows} columns={columns} keyOf={(each) => each.person} picked={person} label={t("loads")} onPick={pick} />
      </div>
      {person && mayPlan.value && !staffDraft.value && !absent.value.includes(person) && (
        <p class="row">
          <button type="button" onClick={() => (absent.value = [...absent.value, person])}>
            {person}
            {t("colon")}
            {t("markAbsent")}
          </button>
        </p>
      )}
    </section>
  );
}
