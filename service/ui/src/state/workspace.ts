import { computed, effect, signal } from "@preact/signals";
import { get, list } from "../api/client";
import { ApiError } from "../api/problem";
import type { Dataset, Level, Plan, Project, Role } from "../api/types";
import { attempt } from "./notices";
import { ask, route } from "./route";

export interface Session {
  actor: string;
  server_admin: boolean;
  roles: Record<string, Role>;
}

/** Who one is; null before the first answer, "none" where a token is wanted. */
export const session = signal<Session | "none" | null>(null);
export const projects = signal<Project[] | null>(null);
export const datasets = signal<Dataset[] | null>(null);
export const plans = signal<Plan[] | null>(null);

export const project = computed<Project | null>(() => projects.value?.find(({ id }) => id === route.value.project) ?? null);

/** The plan that the address names, else the newest. */
export const plan = computed<Plan | null>(() => {
  const all = plans.value ?? [];
  return all.find(({ id }) => id === route.value.query.plan) ?? all[0] ?? null;
});

export const level = computed<Level>(() => {
  const levels = plan.value?.levels.map((each) => each.level) ?? [];
  const asked = route.value.query.level as Level | undefined;
  return asked && levels.includes(asked) ? asked : levels.includes("grid") ? "grid" : (levels[0] ?? "grid");
});

export const may = (...roles: Role[]): boolean => project.value !== null && roles.includes(project.value.role);
export const mayPlan = computed(() => may("planner", "reviewer", "admin"));

export async function start(): Promise<void> {
  try {
    session.value = await get<Session>("session");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) session.value = "none";
    else throw error;
    return;
  }
  await loadProjects();
}

/** Milliseconds until a dataset that is being read is asked for again. */
const AGAIN_MS = 700;

export async function loadProjects(): Promise<void> {
  const found = await attempt(() => list<Project>("projects"));
  if (found) projects.value = found;
}

export async function loadPlans(): Promise<void> {
  const id = route.value.project;
  if (!id) return;
  const found = await attempt(() => list<Plan>(`projects/${id}/plans`));
  if (found && route.value.project === id) plans.value = found;
}

export async function loadDatasets(): Promise<void> {
  const id = route.value.project;
  if (!id) return;
  const found = await attempt(() => list<Dataset>(`projects/${id}/datasets`));
  if (found && route.value.project === id) datasets.value = found;
}

/** What somebody else, or an example, is having read appears when it is there. */
effect(() => {
  if (!datasets.value?.some(({ state }) => state === "reading")) return;
  const timer = setTimeout(() => void loadDatasets(), AGAIN_MS);
  return () => clearTimeout(timer);
});

const openProject = computed(() => (projects.value ? route.value.project : null));

effect(() => {
  const id = openProject.value;
  plans.value = null;
  datasets.value = null;
  if (id) {
    void loadPlans();
    void loadDatasets();
  }
});

/** Show a plan that was just made. */
export async function showPlan(id: string): Promise<void> {
  await loadPlans();
  ask({ plan: id });
}
