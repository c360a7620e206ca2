import type { Level } from "../../api/types";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { planning } from "../../i18n/planning";
import { ask } from "../../state/route";
import { chosen, form, profile, startPlan, usable, type LevelRules } from "../../state/planning";
import { Wishes } from "./Wishes";

const t = translator(planning);
const c = translator(common);
const TIMES = [10, 30, 60, 120, 300, 900, 1800];

/** Levels must follow one another: choosing two that do not takes those between them along. */
function withLevel(all: Level[], now: Level[], level: Level, on: boolean): Level[] {
  const wanted = on ? [...now, level] : now.filter((each) => each !== level);
  const places = wanted.map((each) => all.indexOf(each));
  if (!places.length) return now;
  if (on) return all.slice(Math.min(...places), Math.max(...places) + 1);
  const gone = all.indexOf(level);
  return Math.min(...places) < gone && Math.max(...places) > gone ? all.slice(Math.min(...places), gone) : all.filter((each) => wanted.includes(each));
}

function LevelRow({ rules, all }: { rules: LevelRules; all: Level[] }) {
  const { level, bounds: usual } = rules;
  const { levels, bounds, counts } = form.value;
  const on = levels.includes(level);
  const now = bounds[level] ?? usual;
  const number = (value: string): number | null => (value.trim() && Number.isFinite(Number(value)) ? Number(value) : null);
  const setBounds = (change: { min?: number | null; max?: number | null }) => {
    const next = { min: change.min ?? now.min, max: change.max ?? now.max };
    form.value = { ...form.value, bounds: { ...bounds, [level]: next } };
  };
  return (
    <div class="level-row">
      <label class="check">
        <input type="checkbox" checked={on} onChange={(event) => (form.value = { ...form.value, levels: withLevel(all, levels, level, event.currentTarget.checked) })} />
        {c(level)}
      </label>
      {on && (
        <div class="level-fields">
          <label>
            {t("from")}
            <input type="number" min={0} value={now.min} onChange={(event) => setBounds({ min: number(event.currentTarget.value) })} />
          </label>
          <label>
            {t("to")}
            <input type="number" min={1} value={now.max} onChange={(event) => setBounds({ max: number(event.currentTarget.value) })} />
          </label>
          <label class="wide-field">
            {t("number")}
            <input
              type="number"
              min={1}
              value={counts[level] ?? ""}
              onChange={(event) => {
                const { [level]: _, ...others } = counts;
                const wanted = number(event.currentTarget.value);
                form.value = { ...form.value, counts: wanted ? { ...others, [level]: wanted } : others };
              }}
            />
          </label>
        </div>
      )}
    </div>
  );
}

/** What is to be planned, and how. */
export function Order() {
  const rules = profile.value?.levels ?? [];
  const all = rules.map(({ level }) => level);
  const now = form.value;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void startPlan();
      }}
    >
      <label>
        {t("on")}
        <select value={chosen.value?.id ?? ""} onChange={(event) => ask({ dataset: event.currentTarget.value })}>
          {usable.value.map(({ id, name, files, version }) => (
            <option value={id}>
              {name || files.map((file) => file.name).join("、")} · {version}
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend>{t("levels")}</legend>
        {rules.map((each) => (
          <LevelRow key={each.level} rules={each} all={all} />
        ))}
      </fieldset>
      <Wishes />
      <label>
        {t("time")}
        <select value={now.seconds} onChange={(event) => (form.value = { ...now, seconds: Number(event.currentTarget.value) })}>
          {TIMES.map((seconds) => (
            <option value={seconds}>{seconds < 120 ? t("seconds", { n: seconds }) : t("minutes", { n: seconds / 60 })}</option>
          ))}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" checked={now.sheets} onChange={(event) => (form.value = { ...now, sheets: event.currentTarget.checked })} />
        {t("sheets")}
      </label>
      <button type="submit" class="main" disabled={!chosen.value || !rules.length}>
        {t("start")}
      </button>
    </form>
  );
}
