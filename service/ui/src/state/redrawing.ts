import { computed, effect, signal } from "@preact/signals";
import type { Dataset, Job } from "../api/types";
import { holds, mercator } from "../map/cells";
import { ask, route } from "./route";
import { shown, type Shown } from "./shown";
import { work } from "./working";
import { datasets, loadPlans, plan } from "./workspace";

/** One row of the list of changes, as the service takes it. */
export interface Change {
  kind: "new" | "demolish" | "households" | "line" | "merge_communities" | "split_community" | "compound" | "bridge" | "special" | "bounds";
  objects: string[];
  value?: string;
  [more: string]: string | string[] | undefined;
}

export interface Goal {
  kind: "strict" | "weight" | "cap";
  weight: number;
  cap: number;
  mend: boolean;
  seconds: number;
}

export const changes = signal<Change[]>([]);
/** What must stay as it is: `grid:CODE` (`community:`, `micro:`), `unit:ID`, `line:CODE/CODE`. */
export const held = signal<string[]>([]);
export const newData = signal<string | null>(null);
export const goal = signal<Goal>({ kind: "strict", weight: 200, cap: 500, mend: false, seconds: 60 });
/** Units picked on the map for the next change. */
export const chosenUnits = signal<ReadonlySet<number>>(new Set());
/** What a click on the map gives: a unit, or the place of a new building. */
export const placing = signal<((lon: number, lat: number) => void) | null>(null);

export const redrawJob = work();
export const curveJob = work();

export const usesRoster = ({ options }: Dataset): boolean => options.purpose === "roster";
export const ledgers = computed(() => (datasets.value ?? []).filter((each) => each.state === "ready" && !usesRoster(each)));

const key = computed(() => `${route.value.project}/${plan.value?.id}`);
effect(() => {
  void key.value;
  changes.value = [];
  chosenUnits.value = new Set();
  newData.value = null;
  held.value = [];
});

export function note(change: Change): void {
  changes.value = [...changes.value, change];
  chosenUnits.value = new Set();
}

export function hold(words: string[]): void {
  held.value = [...new Set([...held.value, ...words])];
  chosenUnits.value = new Set();
}

function after(value: string, before: number): number {
  const number = Number(value);
  return /^[+-]/.test(value) ? Math.max(0, before + number) : number;
}

const isOutside = (size: number): boolean => newBounds.value !== null && (size < newBounds.value.min || size > newBounds.value.max);

export interface Touched {
  code: string;
  before: number;
  after: number;
}

/** The bounds that are wanted from now on. */
export const newBounds = computed(() => {
  const before = plan.value?.levels.find((each) => each.level === shown.value?.level)?.bounds;
  const told = changes.value.filter(({ kind, objects }) => kind === "bounds" && objects[0] === shown.value?.level).at(-1)?.value;
  const [min, max] = (told ?? "").split("-").map(Number);
  return before && told ? { min: min!, max: max! } : (before ?? null);
});

/** The unit on whose land a new building stands. */
function unitUnder(now: Shown, { lon, lat }: Change): number | undefined {
  const [x, y] = mercator(Number(lon), Number(lat));
  const found = now.cells.ids.findIndex((_, unit) => holds(now.cells, unit, x, y));
  return found < 0 ? undefined : found;
}

/** Kinds after which a building is no longer of the grid that it was in. */
const LEAVES = ["demolish", "line", "special", "split_community"];

/** Grids whose buildings change, with their households afterwards if nothing were redrawn. */
export const touched = computed<Touched[]>(() => {
  const now = shown.value;
  if (!now) return [];
  const households = now.cells.properties.map((each) => each.households);
  const changed = new Set<string>();
  for (const change of changes.value) {
    const { kind, value } = change;
    const objects = kind === "split_community" ? (change.moved_buildings as string[]) : change.objects;
    for (const id of objects) {
      const unit = kind === "new" ? unitUnder(now, change) : now.cells.index.get(id);
      const code = unit === undefined ? null : now.labels[unit];
      if (unit === undefined || code == null) continue;
      changed.add(code);
      if (LEAVES.includes(kind) && (kind !== "special" || value)) households[unit] = 0;
      if (kind === "households" && value) households[unit] = after(value, households[unit]!);
      if (kind === "new") households[unit]! += Number(value);
    }
    if (kind === "bounds") for (const area of now.areas) if (!area.locked && isOutside(area.households)) changed.add(area.code);
  }
  const sums = new Map([...changed].map((code) => [code, { code, before: 0, after: 0 }]));
  now.labels.forEach((code, unit) => {
    const sum = code === null ? undefined : sums.get(code);
    if (!sum) return;
    sum.before += now.cells.properties[unit]!.households;
    sum.after += households[unit]!;
  });
  return [...sums.values()].sort((a, b) => a.code.localeCompare(b.code));
});

export function inputsOf(planId: string): Record<string, unknown> {
  const { kind, weight, cap, mend } = goal.value;
  return {
    plan: planId,
    changes: changes.value,
    ...(newData.value ? { dataset: newData.value } : {}),
    ...(kind === "weight" ? { weight } : kind === "cap" ? { cap } : {}),
    mend,
    freeze: held.value,
  };
}

/** Whether the last run ended because some buildings of the new ledger may or may not be those of before. */
export const doubtful = computed<boolean>(() => redrawJob.now.value?.job.value.error?.errors?.some(({ rule }) => rule === "match_doubtful") ?? false);

/** Run again, and take what is doubtful for the same. */
export async function acceptMatches(name: string): Promise<void> {
  if (plan.value) await startRedraw(name, { ...inputsOf(plan.value.id), accept_matches: true });
}

/** Run the redraw; what it made is shown beside the plan it came from. */
export async function startRedraw(name: string, inputs?: Record<string, unknown>): Promise<void> {
  const from = plan.value;
  if (!from) return;
  const job = await redrawJob.start("redraw", inputs ?? inputsOf(from.id), { name, limits: { time_limit_s: goal.value.seconds } });
  await shownResult(job);
}

async function shownResult(job: Job | null): Promise<void> {
  if (!job?.result?.plan) return;
  await loadPlans();
  ask({ plan: job.result.plan, against: "", tab: "result" });
}
