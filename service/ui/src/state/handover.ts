import { computed, effect, signal } from "@preact/signals";
import { ask as request, get } from "../api/client";
import { ApiError } from "../api/problem";
import type { Plan } from "../api/types";
import { language, translator } from "../i18n";
import { handover } from "../i18n/handover";
import { attempt, tell, tellError } from "./notices";
import { route } from "./route";
import { work } from "./working";
import { loadPlans, plan, project } from "./workspace";

const t = translator(handover);

export type Action = "submit" | "review" | "return" | "file";

export interface Step {
  at: string;
  actor: string;
  action: Action;
  comment: string;
}

export interface Output {
  name: string;
  bytes: number;
  purpose: string | null;
}

export interface Printed {
  title: string;
  href: string;
}

export const trail = signal<Step[] | null>(null);
export const files = signal<Output[] | null>(null);
export const printed = signal<Printed[]>([]);
export const printJob = work();
export const sheetsJob = work();

const home = computed(() => (route.value.view === "handover" && project.value && plan.value ? `projects/${project.value.id}/plans/${plan.value.id}` : ""));

export async function refresh(): Promise<void> {
  const path = home.peek();
  if (!path) return;
  const [steps, outputs] = await Promise.all([attempt(() => get<Step[]>(`${path}/trail`)), attempt(() => get<Output[]>(`${path}/files`))]);
  if (home.peek() !== path) return;
  trail.value = steps;
  files.value = outputs;
}

effect(() => {
  trail.value = null;
  files.value = null;
  printed.value = [];
  if (home.value) void refresh();
});

/** One step of the approval; with the plan as it was seen, so that nobody acts on an old state. */
export async function act(action: Action, comment: string): Promise<void> {
  const [path, seen] = [home.peek(), plan.peek()];
  if (!path || !seen) return;
  try {
    await request<Plan>("POST", `${path}/approval`, { body: { action, comment }, etag: `"${seen.revision}"` });
  } catch (error) {
    if (error instanceof ApiError && error.status === 412) tell(t("stale"));
    else tellError(error);
  }
  await loadPlans();
  await refresh();
}

export async function print(paper: "A3" | "A4", scale: number | null, level: string): Promise<void> {
  const id = plan.value?.id;
  if (!id) return;
  const job = await printJob.start("print", { plan: id, paper, level, language: language.value, ...(scale ? { scale } : {}) });
  if (job?.state !== "successful") return;
  const told = await attempt(() => get<{ sheets: number; files: { href: string }[] }>(job.links.results!));
  if (!told) return;
  const sheets = told.sheets;
  const title = scale ? t("map", { paper, scale: scale.toLocaleString("en-US"), sheets }) : t("mapFit", { paper, sheets });
  printed.value = [{ title, href: told.files[0]!.href }, ...printed.value];
}

export async function makeSheets(): Promise<void> {
  const job = await sheetsJob.start("export", { plan: plan.value?.id });
  if (job?.state === "successful") await refresh();
}
