import type { LevelSummary } from "../../api/types";
import { Histogram } from "../../components/Histogram";
import { count, percent, translator } from "../../i18n";
import { see } from "../../i18n/see";
import type { PlanMap } from "../../map/planMap";
import { areasNow } from "../../state/areas";
import { sizeFilter, tab, type Shown } from "../../state/shown";
import { plan } from "../../state/workspace";

const t = translator(see);

/** How good a plan is, in a sentence. */
export function inPlainWords({ status, gap }: Pick<LevelSummary, "status" | "gap">): string {
  if (status === "optimal") return t("proved");
  if (status === "infeasible") return t("infeasible");
  if (status === "unknown") return t("unknown");
  return gap === null ? t("noBound") : t("atMost", { gap: percent(gap) });
}

const TERMS = [
  ["walk", "walkTerm"],
  ["split", "splitTerm"],
  ["balance", "balanceTerm"],
  ["move", "moveTerm"],
] as const;

export function Overview({ shown }: { map: PlanMap | null; shown: Shown }) {
  const summary = plan.value?.levels.find((each) => each.level === shown.level);
  if (!summary) return null;
  const { area_households: sizes, bounds, objective } = summary;
  const special = areasNow.value.filter(({ locked }) => locked).length;
  const ordinary = areasNow.value.filter(({ locked }) => !locked).map(({ households }) => households);
  return (
    <>
      <p class={summary.num_violations ? "verdict bad" : "verdict"}>
        <strong>{summary.num_violations ? t("notLawful", { count: summary.num_violations }) : t("lawful")}</strong>
        {summary.num_warnings > 0 && <span> · {t("warnings", { count: summary.num_warnings })}</span>}
        <br />
        {inPlainWords(summary)}
      </p>
      <p>
        {t("areasOf", { count: count(ordinary.length), min: count(Math.min(...ordinary)), max: count(Math.max(...ordinary)), median: count(sizes.median) })}
        {special > 0 && t("special", { count: special })}
        <br />
        <span class="quiet">{t("bounds", { min: bounds.min, max: bounds.max })}</span>
      </p>
      <h3>{t("sizes")}</h3>
      <Histogram
        values={ordinary}
        min={bounds.min}
        max={bounds.max}
        chosen={sizeFilter.value}
        onChoose={(range) => {
          sizeFilter.value = range;
          if (range) tab.value = "areas";
        }}
      />
      {objective && (
        <>
          <h3>{t("objective")}</h3>
          <dl class="terms">
            {TERMS.map(([term, title]) => (
              <>
                <dt>{t(title)}</dt>
                <dd>{count(objective[term])}</dd>
              </>
            ))}
            <dt>{t("totalTerm")}</dt>
            <dd>{count(objective.total)}</dd>
          </dl>
        </>
      )}
    </>
  );
}
