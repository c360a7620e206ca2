import { JobLine } from "../../components/JobLine";
import { count, translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import type { PlanMap } from "../../map/planMap";
import { acceptMatches, changes, doubtful, goal, held, ledgers, newBounds, newData, redrawJob, startRedraw, touched } from "../../state/redrawing";
import { isOver } from "../../state/jobs";
import { link } from "../../state/route";
import { plan } from "../../state/workspace";
import { GoalFields } from "./GoalFields";
import { OtherChanges } from "./OtherChanges";
import { FindUnit, PickedChange } from "./PickedChange";
import { heldInWords, inWords } from "./words";

const t = translator(redraw);

function Noted() {
  return (
    <>
      <h3>{t("changes")}</h3>
      {changes.value.length === 0 && <p class="quiet">{t("none")}</p>}
      <ul class="links">
        {changes.value.map((change, at) => (
          <li>
            <span>{inWords(change)}</span>
            <button type="button" class="plain" aria-label={`${t("remove")} ${inWords(change)}`} onClick={() => (changes.value = changes.value.filter((_, i) => i !== at))}>
              ×
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Held() {
  if (!held.value.length) return null;
  return (
    <>
      <h3>{t("hold")}</h3>
      <ul class="links">
        {held.value.map((word) => (
          <li>
            <span>{heldInWords(word)}</span>
            <button type="button" class="plain" aria-label={`${t("remove")} ${heldInWords(word)}`} onClick={() => (held.value = held.value.filter((other) => other !== word))}>
              ×
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Touched({ map }: { map: PlanMap | null }) {
  const bounds = newBounds.value;
  if (newData.value) return <p class="quiet">{t("fromLedger")}</p>;
  if (!touched.value.length || !bounds) return null;
  const verdict = (after: number) =>
    after > bounds.max ? t("tooMany", { amount: count(after - bounds.max) }) : after < bounds.min ? t("tooFew", { amount: count(bounds.min - after) }) : t("inBounds");
  return (
    <>
      <h3>{t("touches")}</h3>
      <ul class="links">
        {touched.value.map(({ code, before, after }) => (
          <li>
            <button type="button" class="plain" onClick={() => map?.zoomTo(map.unitsOf(code))}>
              {code}
            </button>
            <span class={after > bounds.max || after < bounds.min ? "bad" : ""}>
              {t("touchedArea", { before: count(before), after: count(after) })}
              <br />
              <small>{verdict(after)}</small>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function NewLedger() {
  const others = ledgers.value.filter(({ id }) => id !== plan.value?.dataset);
  return (
    <label>
      {t("dataset")}
      <select value={newData.value ?? ""} onChange={(event) => (newData.value = event.currentTarget.value || null)}>
        <option value="">{t("sameData")}</option>
        {others.map(({ id, name, files, version }) => (
          <option value={id}>
            {name || files.map((file) => file.name).join("、")} · {version}
          </option>
        ))}
      </select>
      <a href={link({ view: "data", query: {} })}>{t("importNew")}</a>
    </label>
  );
}

/** What changed, what it touches, and how the grids are to follow. */
export function Order({ map }: { map: PlanMap | null }) {
  const job = redrawJob.now.value?.job.value;
  const busy = job !== undefined && !isOver(job);
  const nothing = !changes.value.length && !newData.value && !goal.value.mend;
  return (
    <>
      <p class="quiet">{t("hint")}</p>
      <FindUnit />
      <PickedChange />
      <Noted />
      <Held />
      <OtherChanges />
      <NewLedger />
      <Touched map={map} />
      <GoalFields />
      <JobLine now={redrawJob.now} />
      {doubtful.value && (
        <>
          <p class="quiet">{t("doubtful")}</p>
          <p>
            <button type="button" onClick={() => void acceptMatches(t("redrawn"))}>
              {t("acceptMatches")}
            </button>
          </p>
        </>
      )}
      {!busy && (
        <button type="button" class="main" disabled={nothing} onClick={() => void startRedraw(t("redrawn"))}>
          {t("start")}
        </button>
      )}
    </>
  );
}
