import { computed, effect, signal } from "@preact/signals";
import { ask, get, list, post } from "../api/client";
import { ApiError } from "../api/problem";
import type { Draft, Edit, Job, Outcome, Pair, Post } from "../api/types";
import { language, translator } from "../i18n";
import { edit as words } from "../i18n/edit";
import { DraftQueue, moved, type Op, type SaveState, type Sent } from "./draftQueue";
import { follow, isOver, type Followed } from "./jobs";
import { attempt, offline, tell, tellError } from "./notices";
import { ask as askRoute, route } from "./route";
import { shown } from "./shown";
import { level, plan, project, showPlan } from "./workspace";

const t = translator(words);
const KEPT = "wangge.draft.";
/** Milliseconds between attempts while the server is away. */
const AGAIN_MS = 1500;
/** Seconds that the solver may take to finish an edit. */
const MOST_S = 60;

/** The draft that is open, as the server told it last. */
export const draft = signal<Draft | null>(null);
export const saveState = signal<SaveState>("saved");
export const conflict = signal<Draft | null>(null);
export const pending = signal<readonly Op[]>([]);
/** What the last edit did. */
export const outcome = signal<Outcome | null>(null);
/** Drafts of the plan that is shown. */
export const drafts = signal<Draft[]>([]);
/** Labels by unit as the server has them, and those of the plan. */
const stored = signal<{ units: string[]; grid: (string | null)[]; previous: (string | null)[] } | null>(null);
let queue: DraftQueue | null = null;

const home = (id: string): string => `projects/${project.value!.id}/drafts/${id}`;

/** Whether the draft belongs to what is on the map. */
export const editing = computed(() => {
  const now = shown.value;
  return draft.value !== null && stored.value !== null && now !== null && now.plan === draft.value.plan && now.level === draft.value.level;
});

/** The area of every unit that is shown: the draft's with everything that is on its way, else the plan's. */
export const labelsNow = computed<(string | null)[]>(() => {
  const now = shown.value;
  if (!now || !editing.value) return now?.labels ?? [];
  const { units, grid } = stored.value!;
  const labels = [...now.labels];
  units.forEach((unit, at) => {
    const position = now.cells.index.get(unit);
    if (position !== undefined) labels[position] = grid[at]!;
  });
  return moved(labels, now.cells.index, pending.value);
});

/** Units that are elsewhere than in the plan. */
export const changedUnits = computed<ReadonlySet<number>>(() => {
  const now = shown.value;
  const changed = new Set<number>();
  if (now && editing.value) labelsNow.value.forEach((label, unit) => label !== now.labels[unit] && changed.add(unit));
  return changed;
});

/** Two grids as one word, whichever is named first. */
export const lineKey = (pair: readonly string[]): string => [...pair].sort().join("/");

/** Locked units, grids and lines, with the locks that are on their way. */
export const locks = computed(() => {
  const units = new Set(draft.value?.locks.units);
  const grids = new Set(draft.value?.locks.grids);
  const lines = new Map(draft.value?.locks.lines.map((pair) => [lineKey(pair), pair]));
  for (const op of pending.value) {
    if (op.kind !== "edit") continue;
    for (const name of op.edit.lock?.all ? labelsNow.value : (op.edit.lock?.grids ?? [])) if (name !== null) grids.add(name);
    op.edit.lock?.units?.forEach((name) => units.add(name));
    op.edit.lock?.lines?.forEach((pair) => lines.set(lineKey(pair), pair));
    if (op.edit.unlock?.all) grids.clear();
    op.edit.unlock?.grids?.forEach((name) => grids.delete(name));
    op.edit.unlock?.units?.forEach((name) => units.delete(name));
    op.edit.unlock?.lines?.forEach((pair) => lines.delete(lineKey(pair)));
  }
  return { units, grids, lines };
});

/** Lock the line between two grids, or let it go. */
export function toggleLine(pair: Pair): void {
  const sorted = [...pair].sort() as Pair;
  change(locks.value.lines.has(lineKey(pair)) ? { unlock: { lines: [sorted] } } : { lock: { lines: [sorted] } });
}

export const isLocked = (unit: number): boolean => {
  const id = shown.value?.cells.ids[unit];
  const label = labelsNow.value[unit];
  return (id !== undefined && locks.value.units.has(id)) || (label != null && locks.value.grids.has(label));
};

async function sent(op: Op, etag: string): Promise<Sent> {
  const base = home(draft.value!.id);
  const answer =
    op.kind === "edit"
      ? await ask<Outcome>("POST", `${base}/edits`, { body: op.edit, etag })
      : await ask<Outcome>("POST", `${base}/${op.kind}`, { body: { steps: 1 }, etag });
  offline.value = false;
  return { etag: answer.etag ?? `"${answer.data.draft.revision}"`, outcome: answer.data };
}

interface StoredEdit {
  moves: { units: string[]; grid: string | null }[];
  staff?: Post[];
  in_force: boolean;
}

/** An answer got lost: is the op the last step of the draft? Its moves name new grids by then. */
async function landed(op: Op, revision: number): Promise<Sent | null> {
  const base = home(draft.value!.id);
  const { data, etag } = await ask<Draft>("GET", base);
  if (data.revision !== revision) return null;
  if (op.kind === "edit") {
    const last = (await get<StoredEdit[]>(`${base}/edits`)).filter(({ in_force }) => in_force).at(-1);
    const units = (moves: { units: string[] }[] | undefined) => JSON.stringify((moves ?? []).map((move) => [...move.units].sort()));
    if (!last || units(last.moves) !== units(op.edit.moves) || JSON.stringify(last.staff ?? []) !== JSON.stringify(op.edit.staff ?? [])) return null;
  }
  await refreshLabels();
  const none = { walk: 0, split: 0, balance: 0, move: 0, total: 0 };
  return { etag: etag ?? `"${revision}"`, outcome: { draft: data, lawful: true, change: none, broken: [], mended: [], households: {}, labels: {} } };
}

async function refreshLabels(): Promise<void> {
  stored.value = await get(`${home(draft.value!.id)}/labels`);
}

function watch(id: string, etag: string): DraftQueue {
  const made: DraftQueue = new DraftQueue(etag, {
    send: sent,
    landed,
    changed: () => {
      if (queue !== made) return;
      pending.value = [...made.pending];
      saveState.value = made.state;
      conflict.value = made.current;
      if (made.pending.length) localStorage.setItem(KEPT + id, JSON.stringify(made.pending));
      else localStorage.removeItem(KEPT + id);
    },
    done: ({ outcome: told }) => {
      if (queue !== made) return;
      const labels = stored.value!;
      const place = new Map(labels.units.map((unit, at) => [unit, at]));
      const grid = [...labels.grid];
      for (const [unit, label] of Object.entries(told.labels)) grid[place.get(unit)!] = label;
      pending.value = made.pending.slice(1);
      stored.value = { ...labels, grid };
      draft.value = told.draft;
      outcome.value = told;
    },
    refused: tellError,
    later: (again) => {
      offline.value = true;
      setTimeout(again, AGAIN_MS);
    },
  });
  return made;
}

function kept(id: string): Op[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT + id) ?? "[]") as Op[];
  } catch {
    return [];
  }
}

async function opened(id: string): Promise<void> {
  const { data, etag } = await ask<Draft>("GET", home(id));
  const labels = await get<NonNullable<typeof stored.value>>(`${home(id)}/labels`);
  if (route.value.query.plan !== data.plan || route.value.query.level !== data.level) askRoute({ plan: data.plan, level: data.level });
  queue?.close();
  queue = watch(id, etag ?? `"${data.revision}"`);
  stored.value = labels;
  draft.value = data;
  outcome.value = null;
  saveState.value = "saved";
  conflict.value = null;
  const before = kept(id);
  pending.value = before;
  queue.resume(before);
}

function forget(): void {
  queue?.close();
  queue = null;
  draft.value = null;
  stored.value = null;
  pending.value = [];
  outcome.value = null;
  conflict.value = null;
  saveState.value = "saved";
}

/** The address names the draft, so that a reload or a link leads back into it. */
const asked = computed(() => (project.value ? (route.value.query.draft ?? "") : ""));

effect(() => {
  const id = asked.value;
  if (id === (draft.peek()?.id ?? "")) return;
  forget();
  if (!id) return;
  void attempt(() => opened(id)).then((done) => {
    if (done === null && !offline.value) askRoute({ draft: "" });
  });
});

/** Violations are told again in the other language. */
effect(() => {
  void language.value;
  const open = draft.peek();
  if (!open) return;
  outcome.value = null;
  void attempt(async () => {
    const found = await get<Draft>(home(open.id));
    if (draft.value?.revision === found.revision && draft.value.id === found.id) draft.value = found;
  });
});

/** Another plan is shown: the draft of this one is left. */
effect(() => {
  const open = draft.value;
  if (open && plan.value && plan.value.id !== open.plan && asked.peek() === open.id) askRoute({ draft: "" });
});

export async function loadDrafts(): Promise<void> {
  const id = project.value?.id;
  const found = id ? await attempt(() => list<Draft>(`projects/${id}/drafts`)) : [];
  if (found) drafts.value = found.filter((each) => each.plan === plan.value?.id);
}

/** Begin to edit the level that is shown. */
export async function startDraft(): Promise<void> {
  const made = await attempt(() => post<Draft>(`projects/${project.value!.id}/drafts`, { plan: plan.value!.id, level: level.value }));
  if (made) openDraft(made);
}

export const openDraft = ({ id, plan: planId, level: at }: Draft): void => askRoute({ plan: planId, level: at, draft: id });
export const closeDraft = (): void => askRoute({ draft: "" });

export async function removeDraft(id: string): Promise<void> {
  if (draft.value?.id === id) closeDraft();
  await attempt(() => ask("DELETE", home(id)));
  localStorage.removeItem(KEPT + id);
  await loadDrafts();
}

export const change = (edit: Edit): void => queue?.push({ kind: "edit", edit });
export const canUndo = computed(() => saveState.value !== "conflict" && (draft.value?.can_undo === true || pending.value.length > 0));
export const canRedo = computed(() => saveState.value !== "conflict" && draft.value?.can_redo === true && pending.value.length === 0);
export const undo = (): void => void (canUndo.value && queue?.push({ kind: "undo" }));
export const redo = (): void => void (canRedo.value && queue?.push({ kind: "redo" }));

/** What an edit would do; nothing is stored. */
export const tryOut = (edit: Edit, signal: AbortSignal): Promise<Outcome> => post<Outcome>(`${home(draft.value!.id)}/trials`, edit, { signal });

export interface Taker extends Omit<Outcome, "draft" | "labels"> {
  grid: string;
}

export const takersOf = (units: string[], signal: AbortSignal): Promise<Taker[]> => post<Taker[]>(`${home(draft.value!.id)}/takers`, { units }, { signal });

async function settled(decide: (queue: DraftQueue, etag: string) => void): Promise<void> {
  await attempt(async () => {
    const { data, etag } = await ask<Draft>("GET", home(draft.value!.id));
    await refreshLabels();
    draft.value = data;
    outcome.value = null;
    decide(queue!, etag ?? `"${data.revision}"`);
  });
}

export const keepMine = () => settled((mine, etag) => mine.keepMine(etag));
export const takeTheirs = () => settled((mine, etag) => mine.takeTheirs(etag));

/** Go on in a draft of one's own from the last step that both share. */
export async function fork(): Promise<void> {
  const from = draft.value!;
  const made = await attempt(() => post<Draft>(`projects/${project.value!.id}/drafts`, { draft: from.id, position: from.position, name: t("forkName") }));
  if (!made || !queue) return;
  localStorage.setItem(KEPT + made.id, JSON.stringify(queue.surrender()));
  openDraft(made);
}

/** A job over the draft that is under way. */
export const work = signal<Followed | null>(null);

async function run(kind: "save" | "finish", name: string, only: string[] = []): Promise<void> {
  const inputs = { draft: draft.value!.id, ...(only.length ? { only } : {}) };
  const { data: first } = await ask<Job>("POST", `projects/${project.value!.id}/jobs`, { body: { kind, name, inputs, limits: { time_limit_s: MOST_S } } });
  const over = (job: Job): void => {
    work.value = null;
    if (job.state === "successful" && job.result?.plan) {
      tell(t(kind === "save" ? "savedAs" : "finishedAs"));
      askRoute({ draft: "" });
      void showPlan(job.result.plan);
    } else if (job.error) tellError(new ApiError(job.error, null));
  };
  if (isOver(first)) over(first);
  else work.value = follow(first, over);
}

export const saveAs = (name: string) => attempt(() => run("save", name));

/** Let the solver end what a hand began: units that were moved stay; with `only`, all other grids stay as well. */
export const finish = (only?: string[]) => attempt(() => run("finish", t("finishedName"), only));
