import { computed, effect, signal, untracked } from "@preact/signals";
import { get } from "../api/client";
import type { Job, Plan, Terms } from "../api/types";
import { readCells, type CellCollection, type Cells } from "../map/cells";
import { attempt } from "./notices";
import { route } from "./route";
import { work } from "./working";
import { level, plan, plans, project } from "./workspace";

export type Fate = "kept" | "changed" | "split" | "merged" | "new" | "retired";

export interface AreaFate {
  code: string | null;
  previous: string | null;
  fate: Fate;
  households: number;
  retained: number;
  gained: number;
  lost: number;
  origins: [string | null, number][];
  heirs: [string | null, number][];
}

export interface UnitMove {
  unit: string;
  title: string;
  part: string;
  compound: string;
  households: number;
  before: string | null;
  after: string | null;
  reason: string;
}

export interface LevelChange {
  level: string;
  title: string;
  moved: number;
  moved_bound: number | null;
  scratch: number | null;
  worth_before: Terms;
  worth_after: Terms;
  broken_before: number;
  broken_after: number;
  areas: AreaFate[];
  moves: UnitMove[];
}

export interface Changes {
  titles: [string, string];
  levels: LevelChange[];
}

export interface CurvePoint {
  moved: number;
  quality: number;
  bound: number | null;
  status: string;
}

export interface Curve {
  level: string;
  points: CurvePoint[];
  fewest: number;
  best_quality: number | null;
}

export interface Side {
  plan: Plan;
  cells: Cells;
  labels: (string | null)[];
}

export interface Compared {
  before: Side;
  after: Side;
  level: string;
  changes: Changes;
  files: { name: string; href: string }[];
}

const FOLLOWING = ["redraw", "repair", "finish"];

/** The plan on the other side: the one in the address, else the one that this plan came from. */
export const against = computed<Plan | null>(() => {
  const asked = route.value.query.against || plan.value?.base;
  return plans.value?.find(({ id }) => id === asked && id !== plan.value?.id) ?? null;
});

export const compared = signal<Compared | null>(null);
export const comparing = signal(false);
export const diffJob = work();
/** The unit that a list points at. */
export const pointed = signal<string | null>(null);

const layerOf = (shown: Plan): string => (shown.levels.length > 1 ? `cells-${level.value}` : "cells");

async function sideOf(home: string, of: Plan, signal: AbortSignal): Promise<Side> {
  const cells = readCells(await get<CellCollection>(`${home}/plans/${of.id}/layers/${layerOf(of)}`, { signal }));
  return { plan: of, cells, labels: cells.properties.map(({ grid }) => grid) };
}

interface Results {
  changes: Changes;
  files: { name: string; href: string }[];
}

async function changesOf(home: string, before: Plan, after: Plan): Promise<Results> {
  if (after.base === before.id && FOLLOWING.includes(after.origin)) {
    const files = await get<{ name: string }[]>(`${home}/plans/${after.id}/files`);
    const told = new Set(["changes.xlsx", "before-after.pdf", "before-after.png", "notices.xlsx", "retired.csv", "trade-off.xlsx"]);
    const links = files.filter(({ name }) => told.has(name)).map(({ name }) => ({ name, href: `${home}/plans/${after.id}/files/${name}` }));
    return { changes: await get<Changes>(`${home}/plans/${after.id}/changes`), files: links };
  }
  const job: Job | null = await diffJob.start("diff", { plan: after.id, against: before.id });
  if (!job || job.state !== "successful") throw new DOMException("", "AbortError");
  return get<Results>(job.links.results!);
}

async function load(before: Plan, after: Plan, signal: AbortSignal): Promise<void> {
  const home = `projects/${project.value!.id}`;
  const [one, other, told] = await Promise.all([sideOf(home, before, signal), sideOf(home, after, signal), changesOf(home, before, after)]);
  if (!signal.aborted) compared.value = { before: one, after: other, level: level.value, ...told };
}

const wanted = computed(() => (route.value.view === "redraw" && plan.value && against.value ? `${plan.value.id}/${against.value.id}/${level.value}` : ""));
let running: AbortController | null = null;

effect(() => {
  const key = wanted.value;
  running?.abort();
  compared.value = null;
  pointed.value = null;
  comparing.value = Boolean(key);
  if (!key) return;
  const control = new AbortController();
  running = control;
  void untracked(() => attempt(() => load(against.value!, plan.value!, control.signal))).finally(() => {
    if (running === control) comparing.value = false;
  });
});

export const levelChange = computed<LevelChange | null>(() => compared.value?.changes.levels.find((each) => each.level === compared.value?.level) ?? null);
