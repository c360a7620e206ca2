import { computed, effect, signal } from "@preact/signals";
import type { Edit, Outcome } from "../api/types";
import { changedUnits, draft, editing, labelsNow, pending, takersOf, tryOut, type Taker } from "./draft";
import { ApiError } from "../api/problem";
import { attempt } from "./notices";
import { shown } from "./shown";

export type Tool = "click" | "box" | "lasso" | "brush" | "line";
/** A new grid as the place to go. */
export const NEW = "\u0000new";
/** Milliseconds that a pick must rest before it is tried. */
const REST_MS = 110;

export const tool = signal<Tool>("click");
export const picks = signal<ReadonlySet<number>>(new Set());
/** The grid that the picked units are meant for. */
export const target = signal<string | null>(null);
/** A grid that the pointer is over while a target is looked for. */
export const hoverTarget = signal<string | null>(null);
/** The next click on the map names the target. */
export const aiming = signal(false);
/** Picked units go to the target at once. */
export const painting = signal(false);
export const trial = signal<{ grid: string; outcome: Outcome } | null>(null);
/** Why the move cannot even be tried: something is locked. */
export const refusal = signal<string | null>(null);
export const takers = signal<Taker[] | null>(null);

export function clearPicks(): void {
  picks.value = new Set();
  if (!painting.value) target.value = null;
  aiming.value = false;
  hoverTarget.value = null;
}

/** The move of what is picked to a grid. */
export function moveTo(grid: string): Edit {
  const now = shown.value!;
  return { moves: [{ units: [...picks.value].sort((a, b) => a - b).map((unit) => now.cells.ids[unit]!), grid: grid === NEW ? null : grid }] };
}

const tried = computed(() => hoverTarget.value ?? target.value);

effect(() => {
  if (!editing.value) {
    clearPicks();
    target.value = null;
    painting.value = false;
  }
});

function resting(work: (signal: AbortSignal) => Promise<void>): () => void {
  const control = new AbortController();
  const timer = setTimeout(() => void attempt(() => work(control.signal)), REST_MS);
  return () => {
    clearTimeout(timer);
    control.abort();
  };
}

effect(() => {
  const grid = tried.value;
  const units = picks.value;
  void draft.value?.revision;
  refusal.value = null;
  if (!grid || !units.size || !editing.value || pending.value.length) {
    trial.value = null;
    return undefined;
  }
  return resting(async (signal) => {
    try {
      const outcome = await tryOut(moveTo(grid), signal);
      if (!signal.aborted) trial.value = { grid, outcome };
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 422)) throw error;
      trial.value = null;
      refusal.value = error.problem.detail || error.problem.title;
    }
  });
});

effect(() => {
  const units = picks.value;
  void draft.value?.revision;
  takers.value = null;
  if (!units.size || !editing.value || pending.value.length || painting.value) return undefined;
  return resting(async (signal) => {
    const ids = [...units].map((unit) => shown.value!.cells.ids[unit]!);
    const found = await takersOf(ids, signal);
    if (!signal.aborted) takers.value = found;
  });
});

/** Grids that picked units are in now. */
export const homes = computed(() => [...new Set([...picks.value].map((unit) => labelsNow.value[unit] ?? ""))].filter(Boolean));
export const anythingChanged = computed(() => changedUnits.value.size > 0);
