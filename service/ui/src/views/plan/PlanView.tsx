import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { planning } from "../../i18n/planning";
import { chosen, current } from "../../state/planning";
import { link } from "../../state/route";
import { datasets, mayPlan } from "../../state/workspace";
import { BestMap } from "./BestMap";
import { Order } from "./Order";
import { Running } from "./Running";

const t = translator(planning);
const c = translator(common);

function Side() {
  if (current.value) return <Running followed={current.value} />;
  if (datasets.value === null) return <p class="waiting">{c("loading")}</p>;
  if (!mayPlan.value) return <p class="quiet">{t("noRight")}</p>;
  if (!chosen.value) {
    return (
      <>
        <p>{t("needData")}</p>
        <a class="button" href={link({ view: "data" })}>
          {t("toData")}
        </a>
      </>
    );
  }
  return <Order />;
}

/** Plan: say what is wanted, watch it become better, stop when it is good enough. */
export function PlanView() {
  return (
    <div class="split">
      <div class="map-area">
        <BestMap dataset={chosen.value} followed={current.value} />
      </div>
      <aside class="side">
        <div class="panel">
          <h2>{t("title")}</h2>
          <Side />
        </div>
      </aside>
    </div>
  );
}
