import { useMemo, useState } from "preact/hooks";
import { address } from "../../api/client";
import { JobLine } from "../../components/JobLine";
import { Table, type Column } from "../../components/Table";
import { count, language, translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import { brief } from "../../map/names";
import { against, compared, diffJob, levelChange, pointed, type LevelChange, type UnitMove } from "../../state/comparing";
import { redrawJob } from "../../state/redrawing";
import { ask } from "../../state/route";
import { plan, plans } from "../../state/workspace";
import { Lineage } from "./Lineage";
import { TradeOff } from "./TradeOff";
import type { Maps } from "./TwoMaps";

const t = translator(redraw);

function Against() {
  const others = (plans.value ?? []).filter(({ id }) => id !== plan.value?.id);
  return (
    <label>
      {t("compareWith")}
      <select value={against.value?.id ?? ""} onChange={(event) => ask({ against: event.currentTarget.value, tab: "result" })}>
        {!against.value && <option value="">…</option>}
        {others.map(({ id, number, name }) => (
          <option value={id}>{[number, name].filter(Boolean).join(" · ")}</option>
        ))}
      </select>
    </label>
  );
}

function Verdict({ change }: { change: LevelChange }) {
  const { moved, moved_bound: bound, scratch } = change;
  const proof = bound === null ? "" : bound === 0 && moved > 0 ? t("movedUnknown") : bound >= moved ? t("movedProved") : t("movedAtLeast", { count: count(bound) });
  return (
    <p class="verdict">
      <strong>{moved ? t("moved", { count: count(moved) }) : t("movedNone")}</strong>
      {moved > 0 && proof}
      {scratch !== null && (
        <>
          <br />
          {t("scratch", { count: count(scratch) })}
        </>
      )}
    </p>
  );
}

function Worth({ change }: { change: LevelChange }) {
  const rows: [string, number, number][] = [
    [t("broken"), change.broken_before, change.broken_after],
    ...(["walk", "split", "balance", "total"] as const).map((term): [string, number, number] => [t(term), change.worth_before[term], change.worth_after[term]]),
  ];
  return (
    <details>
      <summary>{t("worth")}</summary>
      <table class="faults figures">
        <thead>
          <tr>
            <th>{t("term")}</th>
            <th>{t("before")}</th>
            <th>{t("after")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([title, before, after]) => (
            <tr>
              <td>{title}</td>
              <td>{count(before)}</td>
              <td class={after > before ? "bad" : ""}>{count(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Moves({ change, maps }: { change: LevelChange; maps: Maps | null }) {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const rows = useMemo(
    () => change.moves.filter((move) => !wanted || [move.title, move.compound, move.before, move.after, move.reason].some((each) => (each ?? "").toLowerCase().includes(wanted))),
    [change, wanted],
  );
  const columns = useMemo<Column<UnitMove>[]>(
    () => [
      { id: "unit", title: t("unit"), value: ({ title, part }) => title + part, show: ({ title, part }) => <span title={title + part}>{title + part}</span> },
      { id: "households", title: t("newHouseholds"), value: ({ households }) => households, numeric: true },
      { id: "move", title: `${t("from_")} → ${t("to_")}`, value: ({ before, after }) => `${before ?? ""} ${after ?? ""}`, show: ({ before, after }) => <span title={`${before ?? "–"} → ${after ?? "–"}`}>{`${tail(before)} → ${tail(after)}`}</span> },
      { id: "why", title: t("why"), value: ({ reason }) => reason, show: ({ reason }) => <span title={reason}>{reason}</span> },
    ],
    [language.value],
  );
  const pick = (move: UnitMove) => {
    pointed.value = move.unit;
    maps?.before.zoomTo([move.before, move.after].flatMap((code) => [...maps.before.unitsOf(code ?? "")]));
  };
  const shown = change.moves.find(({ unit }) => unit === pointed.value);
  if (!change.moves.length) return null;
  return (
    <section>
      <h3>{t("moves")}</h3>
      <input type="search" class="filter" placeholder={t("filter")} aria-label={t("filter")} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
      <div class="short moves">
        <Table rows={rows} columns={columns} keyOf={({ unit }) => unit} picked={pointed.value} label={t("moves")} onPick={pick} />
      </div>
      <p class="quiet" role="status">
        {shown ? `${shown.title}${shown.part}: ${shown.before ?? "–"} → ${shown.after ?? "–"} · ${shown.reason}` : t("rows", { count: rows.length })}
      </p>
    </section>
  );
}

const tail = (code: string | null): string => (code === null ? "–" : brief(code));

function Files() {
  const files = compared.value?.files ?? [];
  if (!files.length) return null;
  return (
    <section>
      <h3>{t("files")}</h3>
      <ul class="files">
        {files.map(({ name, href }) => (
          <li>
            <a href={address(href)} download={name}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What became of every grid and building, beside the two maps. */
export function Result({ maps }: { maps: Maps | null }) {
  const change = levelChange.value;
  return (
    <>
      <Against />
      <JobLine now={redrawJob.now} />
      <JobLine now={diffJob.now} stoppable={false} />
      {!against.value && <p class="quiet">{t("nothingToCompare")}</p>}
      {change && (
        <>
          <Verdict change={change} />
          <Worth change={change} />
          <Moves change={change} maps={maps} />
          <Lineage change={change} maps={maps} />
          <TradeOff />
          <Files />
        </>
      )}
    </>
  );
}
