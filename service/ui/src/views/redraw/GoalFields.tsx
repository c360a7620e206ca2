import { count, translator } from "../../i18n";
import { redraw } from "../../i18n/redraw";
import { goal, type Goal } from "../../state/redrawing";

const t = translator(redraw);
const KINDS = ["strict", "weight", "cap"] as const;
const WEIGHTS = [20, 50, 100, 200, 500, 1000, 5000];
const TIMES = [10, 30, 60, 120, 300, 900];

/** How the grids are to follow: fewest moves, a price on moves, or a cap. */
export function GoalFields() {
  const now = goal.value;
  const set = (change: Partial<Goal>) => (goal.value = { ...now, ...change });
  return (
    <fieldset>
      <legend>{t("goal")}</legend>
      {KINDS.map((kind) => (
        <label class="check">
          <input type="radio" name="goal" checked={now.kind === kind} onChange={() => set({ kind })} />
          {t(kind)}
        </label>
      ))}
      {now.kind === "weight" && (
        <label>
          <input
            type="range"
            min={0}
            max={WEIGHTS.length - 1}
            aria-label={t("weight")}
            aria-valuetext={count(now.weight)}
            value={WEIGHTS.indexOf(now.weight)}
            onInput={(event) => set({ weight: WEIGHTS[Number(event.currentTarget.value)]! })}
          />
        </label>
      )}
      {now.kind === "cap" && (
        <label>
          <input type="number" min={0} aria-label={t("cap")} value={now.cap} onInput={(event) => set({ cap: Math.max(0, Math.round(Number(event.currentTarget.value))) })} />
        </label>
      )}
      <p class="quiet">{now.kind === "strict" ? t("strictHint") : now.kind === "weight" ? t("weightHint", { weight: count(now.weight) }) : t("capHint")}</p>
      <label class="check">
        <input type="checkbox" checked={now.mend} onChange={(event) => set({ mend: event.currentTarget.checked })} />
        {t("mend")}
      </label>
      <label>
        {t("time")}
        <select value={now.seconds} onChange={(event) => set({ seconds: Number(event.currentTarget.value) })}>
          {TIMES.map((seconds) => (
            <option value={seconds}>{seconds < 120 ? t("seconds", { n: seconds }) : t("minutes", { n: seconds / 60 })}</option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}
