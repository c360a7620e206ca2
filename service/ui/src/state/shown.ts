import { computed, effect, signal } from "@preact/signals";
import { get, list } from "../api/client";
import type { Area, Violation } from "../api/types";
import { readCells, type CellCollection, type Cells } from "../map/cells";
import { attempt } from "./notices";
import { level, plan, project } from "./workspace";

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

const wanted = computed(() => {
  const p = project.value?.id;
  const v = plan.value;
  return p && v ? { base: `projects/${p}/plans/${v.id}`, plan: v.id, level: level.value, several: v.levels.length > 1 } : null;
});

const wantedKey = computed(() => (wanted.value ? `${wanted.value.plan}/${wanted.value.level}` : ""));

async function load(signal: AbortSignal): Promise<void> {
  const what = wanted.value!;
  const layer = what.several ? `cells-${what.level}` : "cells";
  const [collection, areas, violations] = await Promise.all([
    get<CellCollection>(`${what.base}/layers/${layer}`, { signal }),
    list<Area>(`${what.base}/areas?level=${what.level}`, { signal }),
    list<Violation>(`${what.base}/violations?level=${what.level}`, { signal }),
  ]);
  if (signal.aborted) return;
  const cells = readCells(collection);
  shown.value = {
    plan: what.plan,
    level: what.level,
    cells,
    labels: cells.properties.map(({ grid }) => grid),
    areas,
    violations,
    buildings: null,
    barriers: null,
  };
  const [barriers, buildings] = await Promise.all([
    get<object>(`${what.base}/layers/barriers`, { signal }).catch(() => null),
    get<object>(`${what.base}/layers/units`, { signal }).catch(() => null),
  ]);
  if (!signal.aborted && shown.value) shown.value = { ...shown.value, barriers, buildings };
}

let running: AbortController | null = null;

effect(() => {
  const key = wantedKey.value;
  running?.abort();
  picked.value = null;
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
