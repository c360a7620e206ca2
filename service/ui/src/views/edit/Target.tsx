import { count, translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { see } from "../../i18n/see";
import { brief } from "../../map/names";
import type { PlanMap } from "../../map/planMap";
import { areaByCode } from "../../state/areas";
import { change, labelsNow, lineKey, locks } from "../../state/draft";
import { NEW, aiming, clearPicks, homes, hoverTarget, moveTo, painting, picks, refusal, takers, target, trial } from "../../state/draftTrial";
import { shown } from "../../state/shown";
import { Effect, Warnings } from "./Effect";

const t = translator(edit);
const s = translator(see);
/** Takers listed at most. */
const MOST = 5;

export function apply(): void {
  const goal = target.value;
  if (!goal || !picks.value.size || refusal.value) return;
  change(moveTo(goal));
  clearPicks();
}

function Takers({ map }: { map: PlanMap | null }) {
  if (painting.value) return null;
  if (takers.value === null) return <p class="quiet">{t("searching")}</p>;
  // Special grids keep what they have, what is locked takes nothing, and nothing goes over a locked line.
  const { grids, lines } = locks.value;
  const open = takers.value.filter(({ grid }) => !areaByCode.value.get(grid)?.locked && !grids.has(grid) && !homes.value.some((home) => lines.has(lineKey([home, grid]))));
  if (!open.length) return <p class="quiet">{t("noTaker")}</p>;
  return (
    <ul class="takers" aria-label={t("best")}>
      {open.slice(0, MOST).map(({ grid, lawful, change: effect, households }) => (
        <li>
          <button
            type="button"
            aria-pressed={target.value === grid}
            onClick={() => (target.value = target.value === grid ? null : grid)}
            onMouseEnter={() => (hoverTarget.value = grid)}
            onMouseLeave={() => (hoverTarget.value = null)}
          >
            <i class="swatch" style={{ background: map?.colour(grid) ?? "" }} />
            <span class="code">{grid}</span>
            <span class="quiet">
              → {s("householdsOf", { count: count(households[grid] ?? 0) })}
            </span>
            <span class={lawful ? "fine" : "bad"}>{lawful ? t("good") : "!"}</span>
            <span class={effect.total <= 0 ? "fine" : "bad"}>
              {effect.total <= 0 ? "−" : "+"}
              {count(Math.abs(effect.total))}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Trial() {
  const now = trial.value;
  if (refusal.value) return <p class="warned">{refusal.value}</p>;
  if (!now) return null;
  const { grid, outcome } = now;
  return (
    <div class="trial" aria-live="polite">
      <h4>{t("trial", { grid: grid === NEW ? t("theNew") : grid })}</h4>
      <Warnings broken={outcome.broken} mended={outcome.mended} />
      <Effect change={outcome.change} />
      <p class="quiet">{t("sizes", { list: Object.entries(outcome.households).map(([name, size]) => `${brief(name)} → ${count(size)}`).join(t("comma")) })}</p>
    </div>
  );
}

/** What is picked, where it may go, and what that would do. */
export function Target({ map }: { map: PlanMap | null }) {
  const now = shown.value!;
  const units = picks.value;
  const households = [...units].reduce((sum, unit) => sum + now.cells.properties[unit]!.households, 0);
  if (!units.size && !painting.value) return <p class="hint">{t("nothingPicked")}</p>;
  return (
    <section class="edit-pick">
      {units.size > 0 && (
        <p>
          <strong>{t("picked", { units: units.size, households: count(households) })}</strong>{" "}
          <button type="button" class="plain" onClick={clearPicks}>
            {t("clear")}
          </button>
          <br />
          <span class="quiet">{t("from", { grids: homes.value.slice(0, 4).join("、") })}</span>
        </p>
      )}
      <h4>{t("where")}</h4>
      <div class="row">
        <button type="button" aria-pressed={aiming.value} onClick={() => (aiming.value = !aiming.value)}>
          {aiming.value ? t("aiming") : t("aim")}
        </button>
        <button type="button" aria-pressed={target.value === NEW} disabled={!units.size} onClick={() => (target.value = target.value === NEW ? null : NEW)}>
          {t("newGrid")}
        </button>
      </div>
      {units.size > 0 && <Takers map={map} />}
      {target.value && target.value !== NEW && !takers.value?.slice(0, MOST).some(({ grid }) => grid === target.value) && labelsNow.value.includes(target.value) && (
        <p>
          <i class="swatch" style={{ background: map?.colour(target.value) ?? "" }} />
          {target.value}
        </p>
      )}
      <div class="row">
        <button type="button" class="main" title={t("applyHint")} disabled={!target.value || !units.size || refusal.value !== null} onClick={apply}>
          {t("apply")}
        </button>
        <label class="check">
          <input type="checkbox" checked={painting.value} disabled={!target.value || target.value === NEW} onChange={(event) => (painting.value = event.currentTarget.checked)} />
          {t("pin")}
        </label>
      </div>
      {units.size > 0 && <Trial />}
    </section>
  );
}
