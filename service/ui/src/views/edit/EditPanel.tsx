import { useEffect } from "preact/hooks";
import type { Draft } from "../../api/types";
import { count, moment, translator } from "../../i18n";
import { common } from "../../i18n/common";
import { edit } from "../../i18n/edit";
import type { PlanMap } from "../../map/planMap";
import { changedUnits, closeDraft, draft, drafts, editing, loadDrafts, openDraft, outcome, removeDraft, startDraft } from "../../state/draft";
import { link } from "../../state/route";
import { shown } from "../../state/shown";
import { level, mayPlan, plan } from "../../state/workspace";
import { Effect, Warnings } from "./Effect";
import { Ending } from "./Ending";
import { Locks } from "./Locks";
import { Saving } from "./Saving";
import { StaffEffect } from "./StaffEffect";
import { Target } from "./Target";

const t = translator(edit);
const c = translator(common);

function Earlier({ each }: { each: Draft }) {
  return (
    <li>
      <button type="button" class="plain" onClick={() => openDraft(each)}>
        {c(each.level)} · {moment(each.updated)}
      </button>
      <span class="quiet">{each.num_edits ? `${each.name} ${each.num_edits}` : each.name}</span>
      <button type="button" class="plain" onClick={() => confirm(t("removeSure")) && void removeDraft(each.id)}>
        {t("remove")}
      </button>
    </li>
  );
}

function Begin() {
  const id = plan.value?.id;
  useEffect(() => void loadDrafts(), [id]);
  if (!mayPlan.value) return <p>{t("mayNot")}</p>;
  return (
    <>
      <p>{t("intro")}</p>
      <button type="button" class="main" onClick={() => void startDraft()}>
        {t("start")} · {c(level.value)}
      </button>
      {drafts.value.length > 0 && (
        <>
          <h3>{t("resume")}</h3>
          <ul class="links drafts">
            {drafts.value.map((each) => (
              <Earlier key={each.id} each={each} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Standing() {
  const now = draft.value!;
  const broken = now.num_violations;
  return (
    <section>
      <h3>{t("sinceStart")}</h3>
      <p class="moved">{changedUnits.value.size ? t("movedNow", { units: changedUnits.value.size, households: count(households()) }) : t("nothingMoved")}</p>
      <p class={broken ? "bad" : "fine"}>{broken ? t("brokenNow", { count: broken }) : `✓ ${t("noneBroken")}`}</p>
      {changedUnits.value.size > 0 && (
        <Effect
          change={{
            walk: now.objective.walk - now.base_objective.walk,
            split: now.objective.split - now.base_objective.split,
            balance: now.objective.balance - now.base_objective.balance,
            move: now.objective.move - now.base_objective.move,
            total: now.objective.total - now.base_objective.total,
          }}
        />
      )}
    </section>
  );
}

const households = (): number => [...changedUnits.value].reduce((sum, unit) => sum + shown.value!.cells.properties[unit]!.households, 0);

/** Everything that is done by hand to a copy of the plan. */
export function EditPanel({ map }: { map: PlanMap | null }) {
  if (!editing.value) return draft.value ? <p class="waiting">{c("loading")}</p> : <Begin />;
  return (
    <div class="editing">
      <Saving />
      <Target map={map} />
      {outcome.value && Object.keys(outcome.value.labels).length > 0 && (
        <section>
          <h3>{t("last")}</h3>
          <Warnings broken={outcome.value.broken} mended={outcome.value.mended} done />
          <Effect change={outcome.value.change} />
        </section>
      )}
      <Standing />
      {draft.value!.staff && (
        <section>
          <h3>{t("staff")}</h3>
          <StaffEffect />
          <a class="button" href={link({ view: "people" })}>
            {t("toStaff")}
          </a>
        </section>
      )}
      <Locks map={map} />
      <Ending />
      <p>
        <button type="button" onClick={closeDraft}>
          {t("leave")}
        </button>
      </p>
    </div>
  );
}
