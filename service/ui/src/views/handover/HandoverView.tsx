import { address } from "../../api/client";
import { translator } from "../../i18n";
import { common } from "../../i18n/common";
import { handover } from "../../i18n/handover";
import { files } from "../../state/handover";
import { link } from "../../state/route";
import { plan, plans, project } from "../../state/workspace";
import { Approval } from "./Approval";
import { Downloads } from "./Downloads";
import { Print } from "./Print";
import { Share } from "./Share";

const t = translator(handover);
const c = translator(common);

function Preview() {
  const now = plan.value!;
  if (files.value === null) return <p class="waiting">{c("loading")}</p>;
  const name = ["overview.png", "overview-grid.png"].find((each) => files.value?.some((file) => file.name === each));
  if (!name) return <p class="quiet">{t("noPreview")}</p>;
  const href = address(`projects/${project.value!.id}/plans/${now.id}/files/${name}`);
  return (
    <a href={href} target="_blank" rel="noopener">
      <img class="preview" src={href} alt={t("preview")} />
    </a>
  );
}

/** Hand over: approval, paper, files, a link. */
export function HandoverView() {
  if (plans.value && !plans.value.length) {
    return (
      <div class="card narrow">
        <p>{t("noPlanYet")}</p>
        <a class="button" href={link({ view: "plan" })}>
          {t("toPlan")}
        </a>
      </div>
    );
  }
  if (!plan.value) return <p class="waiting">{c("loading")}</p>;
  return (
    <div class="handover">
      <div class="stack">
        <Approval key={plan.value.id} />
        <Share />
      </div>
      <div class="stack">
        <section class="card">
          <Preview />
        </section>
        <Print key={plan.value.id} />
      </div>
      <Downloads />
    </div>
  );
}
