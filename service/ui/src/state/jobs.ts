import { signal, type Signal } from "@preact/signals";
import { address, ask, get } from "../api/client";
import type { Job } from "../api/types";
import { attempt, offline } from "./notices";

export const isOver = (job: Job): boolean => job.state !== "accepted" && job.state !== "running";

export interface Moment {
  seconds: number;
  best: number | null;
  bound: number | null;
}

/** A job that is followed: its newest state, and how best and bound went. */
export interface Followed {
  job: Signal<Job>;
  curve: Signal<Moment[]>;
  end: () => void;
}

function mark(curve: Moment[], job: Job): Moment[] {
  const { best = null, bound = null } = job.progress;
  if (!job.started || (best === null && bound === null)) return curve;
  const last = curve[curve.length - 1];
  if (last && last.best === best && last.bound === bound) return curve;
  return [...curve, { seconds: (Date.now() - Date.parse(job.started)) / 1000, best, bound }];
}

/** Follow a job by server-sent events; the browser reconnects by itself and goes on after the last event it saw. */
export function follow(first: Job, onOver: (job: Job) => void): Followed {
  const job = signal(first);
  const curve = signal<Moment[]>([]);
  const source = new EventSource(address(first.links.events!), { withCredentials: true });
  const take = (next: Job): void => {
    if (next.revision < job.value.revision) return;
    offline.value = false;
    job.value = next;
    curve.value = mark(curve.value, next);
    if (isOver(next)) {
      source.close();
      onOver(next);
    }
  };
  source.addEventListener("job", (event) => take(JSON.parse((event as MessageEvent<string>).data) as Job));
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED && !isOver(job.value)) void attempt(async () => take(await get<Job>(first.links.self!)));
  };
  if (isOver(first)) source.close();
  return { job, curve, end: () => source.close() };
}

export const stopJob = (job: Job) => attempt(() => ask("POST", job.links.stop ?? `${job.links.self!}/stop`));
export const dismissJob = (job: Job) => attempt(() => ask("DELETE", job.links.self!));
