import { computed, signal } from "@preact/signals";
import { ask, get, list } from "../api/client";
import { ApiError, type Fault, type Problem } from "../api/problem";
import type { Dataset } from "../api/types";
import { attempt } from "./notices";
import { ask as query, route } from "./route";
import { datasets, loadDatasets } from "./workspace";

export interface ReadingOptions {
  crs?: string | undefined;
  roles?: Record<string, string>;
  columns?: Record<string, string>;
}

/** Names of the files that are being read just now. */
export const reading = signal<string[] | null>(null);
/** Why the last import was refused. */
export const refusal = signal<Problem | null>(null);

/** What was imported to be planned; rosters of people have their own view. */
export const ledgers = computed<Dataset[]>(() => (datasets.value ?? []).filter(({ options }) => options.purpose !== "roster"));

/** The dataset that is looked at: the one in the address, else the newest. */
export const dataset = computed<Dataset | null>(() => {
  const all = ledgers.value;
  return all.find(({ id }) => id === route.value.query.dataset) ?? all[0] ?? null;
});

const path = (): string => `projects/${route.value.project}/datasets`;

async function send(work: () => Promise<Dataset>): Promise<void> {
  refusal.value = null;
  try {
    let found = await work();
    while (found.state === "reading") {
      await new Promise((resume) => setTimeout(resume, 500));
      found = await get<Dataset>(`${path()}/${found.id}`);
    }
    await loadDatasets();
    query({ dataset: found.id });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 422) throw error;
    refusal.value = error.problem;
    await loadDatasets();
    if (typeof error.problem.dataset === "string") query({ dataset: error.problem.dataset });
  }
}

/** Send files to be read; what is wrong with them is in `refusal` afterwards. */
export async function importFiles(files: File[], options: ReadingOptions): Promise<void> {
  if (!files.length) return;
  reading.value = files.map(({ name }) => name);
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  form.append("options", JSON.stringify(options));
  await attempt(() => send(async () => (await ask<Dataset>("POST", path(), { form })).data));
  reading.value = null;
}

/** Read the same files again with corrections; earlier ones stay. */
export async function readAgain(from: Dataset, options: ReadingOptions): Promise<void> {
  reading.value = from.files.map(({ name }) => name);
  const before = from.options as ReadingOptions;
  const merged = { ...before, ...options, roles: { ...before.roles, ...options.roles }, columns: { ...before.columns, ...options.columns } };
  await attempt(() => send(async () => (await ask<Dataset>("POST", `${path()}/${from.id}/readings`, { body: { options: merged } })).data));
  reading.value = null;
}

export const faultsOf = (id: string): Promise<Fault[]> => list<Fault>(`${path()}/${id}/faults`);
export const faultsWorkbook = (id: string): string => `${path()}/${id}/faults.xlsx`;
