import { computed, effect, signal, untracked } from "@preact/signals";
import { ask as request, get } from "../api/client";
import type { Dataset, Job, Notice } from "../api/types";
import { ApiError } from "../api/problem";
import { change } from "./draft";
import { asInDraft, draftStaffing, staffDraft, staffTakers, takingOver } from "./draftStaffing";
import { attempt, tellError } from "./notices";
import { usesRoster } from "./redrawing";
import { ask, route } from "./route";
import { work } from "./working";
import { datasets, loadDatasets, loadPlans, plan, project } from "./workspace";

export interface Stage {
  stage: "unfilled" | "ratio" | "deviation" | "changes" | "metres";
  value: number;
  bound: number | null;
  proved: boolean;
}

export interface RoleFound {
  role: string;
  title: string;
  level: string;
  people: number;
  targets: number;
  posts: number;
  stages: Stage[];
  short_targets: { target: string; missing: number }[];
}

export interface Posted {
  role: string;
  person: string;
  target: string;
  title: string;
  load: number;
  metres: number | null;
  locked: boolean;
}

export interface PersonLoad {
  person: string;
  role: string;
  targets: string[];
  load: number;
  share: number;
  capacity: number;
}

export interface Relaxation {
  kind: "one_more_post" | "more_load" | "further" | "eligible" | "one_more_person";
  amount: number;
  person: string | null;
  rule: string | null;
}

export interface EmptyPost {
  target: string;
  missing: number;
  targets: string[];
  people: string[];
  wanted: number;
  room: number;
  relaxations: Relaxation[];
}

export interface Norm {
  community: string;
  workers: number;
  required: number | null;
  full_time: number;
  required_full_time: number | null;
}

export interface Staffing {
  roles: RoleFound[];
  posted: Posted[];
  people?: PersonLoad[];
  empty?: Record<string, EmptyPost[]>;
  norms: Norm[];
  notices: Notice[];
}

export interface Choice {
  person: string;
  gained: [string, string][];
  lost: [string, string][];
  effect: Record<Stage["stage"], number>;
}

export interface Answer {
  target: string;
  role: string;
  choices: Choice[];
}

export interface Wish {
  person: string;
  target: string;
}

export const staffing = signal<Staffing | null | "none">(null);
export const staffJob = work();
export const takersJob = work();
/** The role that map and table show. */
export const role = signal<string | null>(null);
export const wishes = signal<Wish[]>([]);
export const absent = signal<string[]>([]);
export const takers = signal<Answer[] | null>(null);
export const uploading = signal(false);

export const rosters = computed<Dataset[]>(() => (datasets.value ?? []).filter((each) => each.state === "ready" && usesRoster(each)));
export const rosterId = computed(() => rosters.value.find(({ id }) => id === route.value.query.roster)?.id ?? rosters.value[0]?.id ?? null);
export const found = computed(() => {
  const known = staffing.value === "none" ? null : staffing.value;
  return known && staffDraft.value && draftStaffing.value ? asInDraft(known, draftStaffing.value) : known;
});
export const shownRole = computed(() => found.value?.roles.find((each) => each.role === role.value) ?? found.value?.roles[0] ?? null);
export const loadOf = computed(() => new Map((found.value?.people ?? []).map((each) => [each.person, each])));
export const servingAt = computed(() => {
  const byTarget = new Map<string, Posted[]>();
  for (const each of found.value?.posted ?? []) {
    if (each.role === shownRole.value?.role) byTarget.set(each.target, [...(byTarget.get(each.target) ?? []), each]);
  }
  return byTarget;
});

const wanted = computed(() => (route.value.view === "people" && plan.value && project.value ? `projects/${project.value.id}/plans/${plan.value.id}/staffing` : ""));

effect(() => {
  const path = wanted.value;
  staffing.value = null;
  wishes.value = [];
  absent.value = [];
  takers.value = null;
  if (!path) return;
  get<Staffing>(path).then(
    (answer) => {
      if (wanted.peek() !== path) return;
      staffing.value = answer;
      wishes.value = answer.posted.filter(({ locked }) => locked).map(({ person, target }) => ({ person, target }));
    },
    (error: unknown) => {
      if (error instanceof ApiError && error.status === 404) staffing.value = "none";
      else tellError(error);
    },
  );
});

/** Send a roster; it is read as one whatever its columns look like. */
export async function uploadRoster(files: File[]): Promise<void> {
  if (!files.length) return;
  uploading.value = true;
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  form.append("options", JSON.stringify({ purpose: "roster" }));
  const sent = await attempt(() => request<Dataset>("POST", `projects/${project.value!.id}/datasets`, { form }));
  await loadDatasets();
  uploading.value = false;
  if (sent) ask({ roster: sent.data.id });
}

/**
 * A person is to serve a target. In a draft that is so at once; for a plan it is a wish, and other wishes for the same
 * person, or of the role for the target, give way.
 */
export function wish({ person, target }: Wish): void {
  if (staffDraft.value) {
    const staff = takingOver(target, (servingAt.value.get(target) ?? []).map((each) => each.person), person);
    if (staff.length) change({ staff });
    return;
  }
  const roleOf = loadOf.value.get(person)?.role;
  const others = wishes.value.filter((each) => each.person !== person && !(each.target === target && loadOf.value.get(each.person)?.role === roleOf));
  wishes.value = [...others, { person, target }];
}

export async function post(sheets: boolean): Promise<void> {
  const dataset = rosterId.value;
  if (!plan.value || !dataset) return;
  const inputs = { plan: plan.value.id, dataset, locks: wishes.value, absent: absent.value, sheets };
  const job = await staffJob.start("staff", inputs, { name: plan.value.name, limits: { time_limit_s: 60 } });
  if (!job?.result?.plan) return;
  await loadPlans();
  ask({ plan: job.result.plan });
}

/** Ask who could take a target, best first. */
export async function askTakers(target: string): Promise<void> {
  const id = plan.value?.id;
  takers.value = null;
  if (!id || !found.value) return;
  if (staffDraft.value) {
    const told = await attempt(() => staffTakers(target));
    takers.value = told?.map((each) => ({ ...each, target })) ?? null;
    return;
  }
  const job: Job | null = await untracked(() => takersJob.start("takers", { plan: id, target, locks: [] }));
  if (job?.state !== "successful" || plan.value?.id !== id) return;
  const told = await attempt(() => get<{ takers: Answer[] }>(job.links.results!));
  takers.value = told?.takers ?? null;
}
