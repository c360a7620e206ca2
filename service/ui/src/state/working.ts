import { signal, type Signal } from "@preact/signals";
import { post } from "../api/client";
import type { Job } from "../api/types";
import { follow, isOver, type Followed } from "./jobs";
import { attempt } from "./notices";
import { project } from "./workspace";

/** A place for one job at a time: who starts another one lets go of the last. */
export interface Work {
  now: Signal<Followed | null>;
  start: (kind: string, inputs: Record<string, unknown>, more?: { name?: string; limits?: Record<string, unknown> }) => Promise<Job | null>;
  clear: () => void;
}

/** Start jobs and follow them; `start` resolves when the job is over (null: it could not be started). */
export function work(): Work {
  const now = signal<Followed | null>(null);
  const clear = () => {
    now.peek()?.end();
    now.value = null;
  };
  return {
    now,
    clear,
    start: async (kind, inputs, { name = "", limits = {} } = {}) => {
      const id = project.value?.id;
      const headers = { "Idempotency-Key": crypto.randomUUID() };
      const job = id ? await attempt(() => post<Job>(`projects/${id}/jobs`, { kind, name, limits, inputs }, { headers })) : null;
      if (!job) return null;
      clear();
      return new Promise((resolve) => {
        const followed = follow(job, resolve);
        now.value = followed;
        if (isOver(job)) resolve(job);
      });
    },
  };
}
