import { count, translator } from "../../i18n";
import { planning } from "../../i18n/planning";
import { form, profile, WISHES } from "../../state/planning";

const t = translator(planning);
const STEPS = ["never", "little", "normal", "much", "most"] as const;

function Slider({ title, value, effect, onChange }: { title: string; value: number; effect: string; onChange: (value: number) => void }) {
  return (
    <label class="slider">
      <span>
        {title}: <strong>{t(STEPS[value]!)}</strong>
      </span>
      <input type="range" min={0} max={4} step={1} value={value} aria-valuetext={t(STEPS[value]!)} onInput={(event) => onChange(Number(event.currentTarget.value))} />
      <span class="quiet">{effect}</span>
    </label>
  );
}

/** Weights in plain language, with what they do. */
export function Wishes() {
  const { split, balance, levels } = form.value;
  const rules = profile.value?.levels.find(({ level }) => level === "grid" && levels.includes(level)) ?? profile.value?.levels.find(({ level }) => levels.includes(level));
  if (!rules) return null;
  const splitting = rules.weights.split * WISHES[split]!;
  const balancing = rules.weights.balance * WISHES[balance]!;
  return (
    <fieldset>
      <legend>{t("wishes")}</legend>
      <Slider
        title={t("splitWish")}
        value={split}
        effect={splitting ? t("splitEffect", { metres: count(splitting), households: count(splitting / 100) }) : t("splitNone")}
        onChange={(value) => (form.value = { ...form.value, split: value })}
      />
      <Slider
        title={t("balanceWish")}
        value={balance}
        effect={balancing ? t("balanceEffect", { metres: count(balancing), target: count(rules.bounds.target) }) : t("balanceNone")}
        onChange={(value) => (form.value = { ...form.value, balance: value })}
      />
    </fieldset>
  );
}
