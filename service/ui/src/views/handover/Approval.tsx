import { useState } from "preact/hooks";
import type { Approval as State } from "../../api/types";
import { moment, translator } from "../../i18n";
import { common } from "../../i18n/common";
import { handover } from "../../i18n/handover";
import { act, trail, type Action } from "../../state/handover";
import { may, plan } from "../../state/workspace";

const t = translator(handover);
const c = translator(common);
const ORDER: State[] = ["draft", "submitted", "reviewed", "filed"];
const STEPS: Record<State, Action[]> = { draft: ["submit"], submitted: ["review", "return"], reviewed: ["file", "return"], filed: [] };

const mayAct = (action: Action): boolean => (action === "submit" ? may("planner", "admin") : may("reviewer", "admin"));

function Steps({ state }: { state: State }) {
  return (
    <ol class="steps">
      {ORDER.map((each, at) => (
        <li class={at < ORDER.indexOf(state) ? "past" : ""} aria-current={each === state ? "step" : undefined}>
          {t(`state_${each}`)}
        </li>
      ))}
    </ol>
  );
}

function Buttons({ state }: { state: State }) {
  const [comment, setComment] = useState("");
  const [busy, setBusy] = useState(false);
  const open = STEPS[state].filter(mayAct);
  if (state === "filed") return <p>{t("done")}</p>;
  if (!open.length) return <p class="quiet">{t("nobody", { who: t(state === "draft" ? "planner" : "reviewer") })}</p>;
  const go = async (action: Action) => {
    setBusy(true);
    await act(action, comment.trim());
    setComment("");
    setBusy(false);
  };
  return (
    <>
      <label>
        {t("comment")}
        <textarea rows={2} maxLength={2000} value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
      </label>
      <p class="row">
        {open.map((action) => (
          <button type="button" class={action === "return" ? "" : "main"} disabled={busy} onClick={() => void go(action)}>
            {t(action)}
          </button>
        ))}
      </p>
    </>
  );
}

/** Where the plan stands, what one may do about it, and who did what. */
export function Approval() {
  const now = plan.value!;
  const broken = now.levels.reduce((sum, { num_violations: each }) => sum + each, 0);
  return (
    <section class="card">
      <h2>{t("approval")}</h2>
      <Steps state={now.approval} />
      {broken > 0 && now.approval !== "filed" && <p class="verdict bad">{t("broken", { count: broken })}</p>}
      <Buttons state={now.approval} />
      <h3>{t("trail")}</h3>
      {trail.value === null ? (
        <p class="quiet">{c("loading")}</p>
      ) : trail.value.length ? (
        <ul class="links trail">
          {trail.value.map((step) => (
            <li>
              <span>
                <strong>{step.actor}</strong> {t(`act_${step.action}`)}
                {step.comment && <em>{step.comment}</em>}
              </span>
              <span class="quiet">{moment(step.at)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p class="quiet">{t("noTrail")}</p>
      )}
    </section>
  );
}
