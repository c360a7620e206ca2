import { useState } from "preact/hooks";
import type { Pair } from "../../api/types";
import { translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { brief } from "../../map/names";
import type { PlanMap } from "../../map/planMap";
import { areasNow } from "../../state/areas";
import { editing, labelsNow, lineKey, locks, toggleLine } from "../../state/draft";
import { homes, tool } from "../../state/draftTrial";

const t = translator(edit);

function Locked({ pair, map }: { pair: Pair; map: PlanMap | null }) {
  const told = pair.map(brief).join(" | ");
  return (
    <li>
      <button type="button" class="plain" title={pair.join(" | ")} onClick={() => map?.zoomToLine(pair)}>
        {t("lineOf", { grids: told })}
      </button>
      <button type="button" class="plain" aria-label={`${t("unlockLine")} ${told}`} onClick={() => toggleLine(pair)}>
        ×
      </button>
    </li>
  );
}

/** A line named by its two grids, for those who use no mouse. */
function ByName({ map }: { map: PlanMap | null }) {
  const [one, setOne] = useState("");
  const [other, setOther] = useState("");
  const first = one || (homes.value[0] ?? "");
  void labelsNow.value; // neighbours are those of the map as it is edited
  const beside = first ? (map?.neighboursOf(first) ?? []) : [];
  const second = beside.includes(other) ? other : "";
  const locked = locks.value.lines.has(lineKey([first, second]));
  const codes = areasNow.value.map(({ code }) => code).sort();
  return (
    <details>
      <summary>{t("lineByName")}</summary>
      <div class="row">
        <select aria-label={t("lineFirst")} value={first} onChange={(event) => setOne(event.currentTarget.value)}>
          <option value="">{t("lineFirst")} …</option>
          {codes.map((code) => (
            <option value={code}>{code}</option>
          ))}
        </select>
        <select aria-label={t("lineSecond")} value={second} disabled={!first} onChange={(event) => setOther(event.currentTarget.value)}>
          <option value="">{t("lineSecond")} …</option>
          {beside.map((code) => (
            <option value={code}>{code}</option>
          ))}
        </select>
        <button type="button" disabled={!second} onClick={() => toggleLine([first, second])}>
          {t(locked ? "unlockLine" : "lockLine")}
        </button>
      </div>
    </details>
  );
}

/** Lines between grids that nothing may cross. */
export function LineLocks({ map }: { map: PlanMap | null }) {
  if (!editing.value) return null;
  const lines = [...locks.value.lines.values()];
  return (
    <>
      <p class="row line-tool">
        <button type="button" aria-pressed={tool.value === "line"} onClick={() => (tool.value = tool.value === "line" ? "click" : "line")}>
          {t("lineTool")}
        </button>
      </p>
      {lines.length > 0 && (
        <ul class="links line-locks">
          {lines.map((pair) => (
            <Locked key={lineKey(pair)} pair={pair} map={map} />
          ))}
        </ul>
      )}
      <ByName map={map} />
    </>
  );
}
