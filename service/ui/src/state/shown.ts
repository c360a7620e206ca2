import { computed, effect, signal } from "@preact/signals";
import { get, list } from "../api/client";
import type { Area, Violation } from "../api/types";
import { readCells, type CellCollection, type Cells } from "../map/cells";
import { attempt } from "./notices";
import { language } from "../i18n";
import { level, loadPlans, plan, project } from "./workspace";

/** What is on the map: the land of every unit of one level of one plan, its areas and what is wrong with them. */
export interface Shown {
  plan: string;
  level: string;
  cells: Cells;
  labels: (string | null)[];
  areas: Area[];
  violations: Violation[];
  buildings: object | null;
  barriers: object | null;
}

export const shown = signal<Shown | null>(null);
export const loadingShown = signal(false);
/** The area that is picked on map or table. */
export const picked = signal<string | null>(null);
/** The unit that was clicked last. */
export const pickedUnit = signal<number | null>(null);
/** Sizes that the list is narrowed to, from the histogram. */
export const sizeFilter = signal<{ from: number; to: number } | null>(null);
/** Units of special grids, which ordinary rules leave alone. */
export const specialUnits = computed<ReadonlySet<number>>(() => {
  const units = new Set<number>();
  shown.value?.cells.properties.forEach(({ locked }, unit) => locked && units.add(unit));
  return units;
});
/** Which tab of the panel beside the map is open. */
export const tab = signal<"overview" | "areas" | "violations" | "edit">("overview");
/** Where tiles under the map come from, if the server names a place; off until asked for. */
export const baseMap = signal<string | null>(null);
export const baseMapOn = signal(false);

const wanted = computed(() => {
  const p = project.value?.id;
  const v = plan.value;
  return p && v ? { base: `projects/${p}/plans/${v.id}`, plan: v.id, level: level.value, several: v.levels.length > 1 } : null;
});

const wantedKey = computed(() => (wanted.value ? `${wanted.value.plan}/${wanted.value.level}` : ""));

async function load(signal: AbortSignal): Promise<void> {
  const what = wanted.peek()!; // a new list of plans is no reason to read the same plan again
  const layer = what.several ? `cells-${what.level}` : "cells";
  const extras = Promise.all(
    ["barriers", "units"].map((name) => get<object>(`${what.base}/layers/${name}`, { signal }).catch(() => null)),
  );
  const [collection, areas, violations] = await Promise.all([
    get<CellCollection>(`${what.base}/layers/${layer}`, { signal }),
    list<Area>(`${what.base}/areas?level=${what.level}`, { signal }),
    list<Violation>(`${what.base}/violations?level=${what.level}`, { signal }),
  ]);
  if (signal.aborted) return;
  const cells = readCells(collection);
  const labels = cells.properties.map(({ grid }) => grid);
  shown.value = { plan: what.plan, level: what.level, cells, labels, areas, violations, buildings: null, barriers: null };
  const [barriers, buildings] = await extras;
  if (!signal.aborted && shown.value) shown.value = { ...shown.value, barriers: barriers ?? null, buildings: buildings ?? null };
}

let running: AbortController | null = null;

effect(() => {
  const key = wantedKey.value;
  running?.abort();
  picked.value = null;
  pickedUnit.value = null;
  sizeFilter.value = null;
  if (!key) {
    shown.value = null;
    return;
  }
  const control = new AbortController();
  running = control;
  loadingShown.value = true;
  void attempt(() => load(control.signal)).finally(() => {
    if (running === control) loadingShown.value = false;
  });
});

/** What the service told in words is told again in the other language. */
let told = language.value;
effect(() => {
  if (language.value === told) return;
  told = language.value;
  const what = wanted.peek();
  if (!what) return;
  void loadPlans();
  void attempt(async () => {
    const violations = await list<Violation>(`${what.base}/violations?level=${what.level}`);
    if (shown.value?.plan === what.plan && shown.value.level === what.level) shown.value = { ...shown.value, violations };
  });
});

/** What the server says of itself; asked once. */
void get<{ base_map?: string | null }>("")
  .then(({ base_map }) => (baseMap.value = base_map ?? null))
  .catch(() => undefined);

/** One slice of a building: some floors of a stairwell. */
export interface Part {
  id: string;
  building: string;
  name: string | null;
  stairwell: number | null;
  stairwell_name: string | null;
  floor_low: number | null;
  floor_high: number | null;
  micro_grid: string | null;
  households: number;
}

const partsKept = new Map<string, Promise<Map<string, Part[]>>>();

/** The slices of every building of the plan that is shown, by building; read when first asked for. */
export function partsOf(planId: string): Promise<Map<string, Part[]>> {
  const known = partsKept.get(planId);
  if (known) return known;
  const found = get<{ features: { properties: Part }[] }>(`projects/${project.value!.id}/plans/${planId}/layers/parts`).then(({ features }) => {
    const byBuilding = new Map<string, Part[]>();
    for (const { properties } of features) {
      const parts = byBuilding.get(properties.building);
      if (parts) parts.push(properties);
      else byBuilding.set(properties.building, [properties]);
    }
    return byBuilding;
  });
  partsKept.set(planId, found);
  found.catch(() => partsKept.delete(planId));
  return found;
}
