import { computed, effect, signal } from "@preact/signals";
import { get, list, post } from "../api/client";
import type { Dataset, Job, Level } from "../api/types";
import { follow, isOver, type Followed } from "./jobs";
import { attempt } from "./notices";
import { route } from "./route";
import { datasets, loadPlans, project } from "./workspace";

export interface LevelRules {
  level: Level;
  title: string;
  bounds: { min: number; max: number; target: number };
  weights: { walk: number; split: number; balance: number; move: number };
}

export interface Profile {
  name: string;
  title: string;
  levels: LevelRules[];
}

/** How much something counts: multiples of what the profile says. */
export const WISHES = [0, 0.3, 1, 3, 10] as const;

export interface Form {
  levels: Level[];
  bounds: Partial<Record<Level, { min: number; max: number }>>;
  counts: Partial<Record<Level, number>>;
  split: number;
  balance: number;
  seconds: number;
  sheets: boolean;
}

export const form = signal<Form>({ levels: ["grid"], bounds: {}, counts: {}, split: 2, balance: 2, seconds: 60, sheets: false });
export const profile = signal<Profile | null>(null);
/** The plan job of this project that runs, or ran last on this page. */
export const current = signal<Followed | null>(null);

export const usable = computed<Dataset[]>(() => (datasets.value ?? []).filter(({ state, options }) => state === "ready" && options.purpose !== "roster"));
export const chosen = computed<Dataset | null>(() => usable.value.find(({ id }) => id === route.value.query.dataset) ?? usable.value[0] ?? null);

const asked = computed(() => (project.value ? `${project.value.id}/${project.value.profile}` : ""));

effect(() => {
  const [id, name] = asked.value.split("/");
  current.peek()?.end();
  current.value = null;
  profile.value = null;
  if (!name || !id) return;
  void attempt(async () => {
    profile.value = await get<Profile>(`profiles/${name}`);
  });
  void attempt(async () => {
    const running = (await list<Job>(`projects/${id}/jobs?kind=plan`)).find((job) => !isOver(job));
    if (running && asked.peek() === `${id}/${name}`) watch(running);
  });
});

function watch(job: Job): void {
  current.value?.end();
  current.value = follow(job, () => void loadPlans());
}

function inputsOf({ levels, bounds, counts, split, balance, sheets }: Form, rules: LevelRules[], dataset: string) {
  const weights = Object.fromEntries(
    rules
      .filter(({ level }) => levels.includes(level))
      .map(({ level, weights: usual }) => [level, { split: usual.split * WISHES[split]!, balance: usual.balance * WISHES[balance]! }]),
  );
  const chosenOf = <T,>(values: Partial<Record<Level, T>>) => Object.fromEntries(Object.entries(values).filter(([level]) => levels.includes(level as Level)));
  const changed = split === 2 && balance === 2 ? {} : { weights };
  const asked = Object.fromEntries(
    Object.entries(chosenOf(bounds)).map(([level, { min, max }]) => [level, { min, max, target: Math.round((min + max) / 2) }]),
  );
  return { dataset, levels: rules.map(({ level }) => level).filter((level) => levels.includes(level)), bounds: asked, counts: chosenOf(counts), ...changed, sheets };
}

export async function startPlan(): Promise<void> {
  const [id, dataset, rules] = [project.value?.id, chosen.value?.id, profile.value?.levels];
  if (!id || !dataset || !rules) return;
  const body = { kind: "plan", limits: { time_limit_s: form.value.seconds }, inputs: inputsOf(form.value, rules, dataset) };
  const job = await attempt(() => post<Job>(`projects/${id}/jobs`, body, { headers: { "Idempotency-Key": crypto.randomUUID() } }));
  if (job) watch(job);
}
