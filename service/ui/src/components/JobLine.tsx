import type { Signal } from "@preact/signals";
import { count, percent, translator } from "../i18n";
import { work } from "../i18n/work";
import { dismissJob, isOver, stopJob, type Followed } from "../state/jobs";
import { FaultList } from "./Toasts";

const t = translator(work);
const PHASES = { read: "phase_read", adjacency: "phase_read", solve: "phase_solve", search: "phase_solve", prove: "phase_solve", grid: "phase_solve", write: "phase_write", roster: "phase_roster", assign: "phase_assign", explain: "phase_explain" } as const;

/** A running job in a few lines: what it does, how far it is, ways to end it; its faults when it failed. */
export function JobLine({ now, stoppable = true }: { now: Signal<Followed | null>; stoppable?: boolean }) {
  const job = now.value?.job.value;
  if (!job || job.state === "successful" || job.state === "dismissed") return null;
  if (isOver(job)) {
    return (
      <div class="job" role="alert">
        <p class="verdict bad">
          <strong>{t("failed")}</strong> {job.error?.detail || job.error?.title}
        </p>
        {job.error?.errors && <FaultList faults={job.error.errors.slice(0, 50)} />}
      </div>
    );
  }
  const { gap, misfit, done, pieces } = job.progress;
  const phase = PHASES[job.phase as keyof typeof PHASES];
  const told = [
    job.state === "accepted" ? t("queued") : t("running"),
    phase && t(phase),
    misfit ? t("misfit", { count: count(misfit) }) : gap != null ? t("gap", { gap: percent(gap) }) : null,
    pieces != null && pieces > 1 ? t("parts", { done: done ?? 0, pieces }) : null,
  ];
  return (
    <div class="job">
      <p role="status">
        <span class="spinner inline" aria-hidden="true" /> {told.filter(Boolean).join(" · ")}
      </p>
      <p class="row">
        {stoppable && (
          <button type="button" disabled={job.stop_requested} onClick={() => void stopJob(job)}>
            {t(job.stop_requested ? "stopping" : "stop")}
          </button>
        )}
        <button type="button" class="plain" onClick={() => void dismissJob(job)}>
          {t("dismiss")}
        </button>
      </p>
    </div>
  );
}
