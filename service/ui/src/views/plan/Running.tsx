import type { Job } from "../../api/types";
import { Progress } from "../../components/Progress";
import { FaultList } from "../../components/Toasts";
import { count, percent, translator } from "../../i18n";
import { common } from "../../i18n/common";
import { planning } from "../../i18n/planning";
import { dismissJob, isOver, stopJob, type Followed } from "../../state/jobs";
import { current } from "../../state/planning";
import { go } from "../../state/route";
import { loadPlans } from "../../state/workspace";

const t = translator(planning);
const c = translator(common);
const PHASES = { read: "phaseRead", adjacency: "phaseGraph", graph: "phaseGraph", solve: "phaseSolve", search: "phaseSolve", prove: "phaseSolve", write: "phaseWrite" } as const;

const phaseTitle = (phase: string | null): string => t(PHASES[phase as keyof typeof PHASES] ?? "phaseOther");

function Standing({ job }: { job: Job }) {
  const { best, bound, gap, misfit, done, pieces } = job.progress;
  return (
    <>
      <p class="standing" role="status">
        {best == null ? t("nowNothing") : misfit ? t("misfit", { count: count(misfit) }) : gap == null ? "" : gap <= 1e-6 ? t("nowProved") : t("nowGap", { gap: percent(gap) })}
      </p>
      <dl class="terms">
        <dt>
          <i class="line-best" /> {t("best")}
        </dt>
        <dd>{best == null ? "–" : count(best)}</dd>
        <dt>
          <i class="line-bound" /> {t("bound")}
        </dt>
        <dd>{bound == null ? "–" : count(bound)}</dd>
      </dl>
      {pieces != null && <p class="quiet">{t("parts", { done: done ?? 0, pieces })}</p>}
    </>
  );
}

function Over({ job }: { job: Job }) {
  const again = () => (current.value = null);
  const see = async (plan: string) => {
    await loadPlans();
    go({ view: "map", query: { plan } });
  };
  const plan = job.result?.plan;
  return (
    <>
      <p class={job.state === "successful" ? "verdict" : "verdict bad"}>
        <strong>{t(job.state === "successful" ? "done" : job.state === "dismissed" ? "dismissed" : "failed")}</strong>
      </p>
      {job.error && (
        <>
          <p>
            {job.error.title} {job.error.detail}
          </p>
          {job.error.errors && <FaultList faults={job.error.errors.slice(0, 50)} />}
        </>
      )}
      <p class="row">
        {plan && (
          <button type="button" class="main" onClick={() => void see(plan)}>
            {t("see")}
          </button>
        )}
        <button type="button" onClick={again}>
          {t("again")}
        </button>
      </p>
    </>
  );
}

/** A plan being made: how good it is already, how good it can get at most, and a way to stop. */
export function Running({ followed }: { followed: Followed }) {
  const job = followed.job.value;
  return (
    <section>
      {!isOver(job) && (
        <p>
          <span class="spinner inline" aria-hidden="true" />{" "}
          {job.state === "accepted" ? t("waiting") : `${t("running")}${job.level ? ` · ${c(job.level)}` : ""} · ${phaseTitle(job.phase)}`}
        </p>
      )}
      <Progress curve={followed.curve.value} />
      <Standing job={job} />
      {isOver(job) ? (
        <Over job={job} />
      ) : (
        <p class="row">
          <button type="button" class="main" disabled={job.stop_requested} onClick={() => void stopJob(job)}>
            {t(job.stop_requested ? "stopping" : "stop")}
          </button>
          <button type="button" onClick={() => void dismissJob(job)}>
            {t("dismiss")}
          </button>
        </p>
      )}
    </section>
  );
}
