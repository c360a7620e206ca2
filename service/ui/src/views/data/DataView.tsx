import { useEffect, useRef, useState } from "preact/hooks";
import { address, get } from "../../api/client";
import type { Fault } from "../../api/problem";
import type { Dataset } from "../../api/types";
import { FaultList } from "../../components/Toasts";
import { count, translator } from "../../i18n";
import { common } from "../../i18n/common";
import { data } from "../../i18n/data";
import { DATA_LAYERS, DataMap } from "../../map/dataMap";
import { dataset, faultsOf, faultsWorkbook, ledgers, reading } from "../../state/importing";
import { attempt } from "../../state/notices";
import { ask, link, route } from "../../state/route";
import { datasets, mayPlan } from "../../state/workspace";
import { DropZone } from "./DropZone";
import { Recognised } from "./Recognised";

const t = translator(data);
const c = translator(common);

function MapBox({ shown }: { shown: Dataset | null }) {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<DataMap | null>(null);
  useEffect(() => {
    map.current = new DataMap(box.current!);
    return () => map.current?.dispose();
  }, []);
  useEffect(() => {
    const control = new AbortController();
    for (const name of DATA_LAYERS) {
      map.current?.set(name, null);
      const there = shown?.state === "ready" ? shown.links[name] : undefined;
      if (there) void get<object>(there, { signal: control.signal }).then((layer) => map.current?.set(name, layer), () => null);
    }
    return () => control.abort();
  }, [shown?.id, shown?.state]);
  return <div class="map" ref={box} role="application" aria-label={t("mapOfData")} tabIndex={0} />;
}

function Refused({ shown }: { shown: Dataset }) {
  const [faults, setFaults] = useState<Fault[] | null>(null);
  useEffect(() => {
    void attempt(async () => setFaults(await faultsOf(shown.id)));
  }, [shown.id]);
  return (
    <section>
      <p class="verdict bad">
        <strong>{t("refused", { count: count(shown.num_faults) })}</strong>
      </p>
      <p>{t("refusedHint")}</p>
      <p>
        <a class="button" href={address(faultsWorkbook(shown.id))} download>
          {t("downloadFaults")}
        </a>
      </p>
      {faults ? <FaultList faults={faults.slice(0, 200)} /> : <p>{c("loading")}</p>}
    </section>
  );
}

function Figures({ shown }: { shown: Dataset }) {
  const summary = shown.summary;
  if (!summary) return null;
  const rows: [string, string][] = [
    [t("buildings"), t("buildingsOf", { count: count(summary.num_buildings), inhabited: count(summary.num_inhabited) })],
    [t("households"), count(summary.households)],
    [t("compounds"), count(summary.num_compounds)],
    [t("communities"), count(summary.num_communities)],
    [t("barriers"), count(summary.num_barriers)],
    [t("crs"), summary.crs],
  ];
  if (summary.num_estimated) rows.push([t("estimated"), count(summary.num_estimated)]);
  return (
    <dl class="terms">
      {rows.map(([title, value]) => (
        <>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

function Ready({ shown }: { shown: Dataset }) {
  return (
    <section>
      <p class="verdict">
        <strong>{t("ready")}</strong>
      </p>
      <Figures shown={shown} />
      <p>
        <a class="button main" href={link({ view: "plan", query: { dataset: shown.id } })}>
          {t("next")} →
        </a>
      </p>
      {shown.notices.length > 0 && (
        <details>
          <summary>
            {t("notices")} ({shown.notices.length})
          </summary>
          <FaultList faults={shown.notices.slice(0, 200).map((notice) => ({ pointer: null, ...notice }))} />
        </details>
      )}
    </section>
  );
}

function Versions() {
  const states = { reading: t("stateReading"), ready: t("stateReady"), refused: t("stateRefused") };
  if (ledgers.value.length < 2) return null;
  return (
    <label>
      {t("versions")}
      <select value={dataset.value?.id ?? ""} onChange={(event) => ask({ dataset: event.currentTarget.value })}>
        {ledgers.value.map((each) => (
          <option value={each.id}>
            {each.name || each.files.map(({ name }) => name).join("、")} · {t("version", { version: each.version })} · {states[each.state]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Import: drop files, see what was recognised, mend it, go on. */
export function DataView() {
  const shown = dataset.value;
  const [importing, setImporting] = useState(false);
  const open = importing || !shown || reading.value !== null;
  useEffect(() => setImporting(false), [shown?.id, route.value.project]);
  return (
    <div class="split">
      <div class={shown?.state === "ready" ? "map-area" : "map-area bare"}>
        <MapBox shown={shown} />
        {datasets.value && shown?.state !== "ready" && <p class="map-empty">{t(shown?.state === "refused" ? "emptyRefused" : shown ? "emptyReading" : "emptyMap")}</p>}
      </div>
      <aside class="side">
        <div class="panel">
          <h2>{t("title")}</h2>
          {datasets.value === null && <p class="waiting">{c("loading")}</p>}
          {datasets.value && !shown && <p>{t("empty")}</p>}
          <Versions />
          {mayPlan.value ? (
            open ? (
              <DropZone />
            ) : (
              <button type="button" onClick={() => setImporting(true)}>
                {t("importNew")}
              </button>
            )
          ) : (
            <p class="quiet">{t("noRight")}</p>
          )}
          {shown?.state === "reading" && !reading.value && (
            <p role="status">
              <span class="spinner inline" aria-hidden="true" /> {t("emptyReading")}
            </p>
          )}
          {shown?.state === "refused" && <Refused key={shown.id} shown={shown} />}
          {shown?.state === "ready" && <Ready shown={shown} />}
          {shown && shown.state !== "reading" && <Recognised key={shown.id} dataset={shown} mayCorrect={mayPlan.value} />}
        </div>
      </aside>
    </div>
  );
}
