/** The service's records, as docs/reference/service.md describes them. */
export type Level = "community" | "grid" | "micro";

export interface Project {
  id: string;
  name: string;
  profile: string;
  profile_toml: string | null;
  crs: string | null;
  created: string;
  updated: string;
  role: Role;
  links: Record<string, string>;
}

export type Role = "viewer" | "planner" | "reviewer" | "admin";

export interface Notice {
  rule: string;
  message: string;
  remedy: string;
  value: string | null;
  file: string | null;
  layer: string | null;
  row: number | null;
  column: string | null;
}

export interface TableFound {
  file: string;
  layer: string | null;
  role: string | null;
  rows: number;
  columns: Record<string, string>;
  headings: { heading: string; samples: string[] }[];
}

export interface DatasetSummary {
  county: string | null;
  crs: string;
  num_buildings: number;
  num_inhabited: number;
  households: number;
  num_compounds: number;
  num_communities: number;
  num_barriers: number;
  num_estimated: number;
  num_notices: number;
  bbox: [number, number, number, number] | null;
  tables: TableFound[];
}

export interface Dataset {
  id: string;
  name: string;
  version: number;
  state: "reading" | "ready" | "refused";
  options: Record<string, unknown>;
  files: { name: string; bytes: number; sha256: string }[];
  summary: DatasetSummary | null;
  notices: Notice[];
  num_faults: number;
  job: string | null;
  created: string;
  actor: string;
  links: Record<string, string>;
}

export type JobState = "accepted" | "running" | "successful" | "failed" | "dismissed";

export interface Job {
  id: string;
  kind: string;
  name: string | null;
  state: JobState;
  phase: string | null;
  level: Level | null;
  progress: { done: number | null; pieces: number | null; best: number | null; bound: number | null; gap: number | null; misfit: number | null };
  stop_reason: string | null;
  stop_requested: boolean;
  attempts: number;
  error: import("./problem").Problem | null;
  result: { plan?: string; status?: string; dataset?: string } | null;
  limits: Record<string, unknown>;
  inputs: Record<string, unknown>;
  created: string;
  started: string | null;
  finished: string | null;
  revision: number;
  actor: string;
  links: Record<string, string>;
}

export interface Terms {
  walk: number;
  split: number;
  balance: number;
  move: number;
  total: number;
}

export interface LevelSummary {
  level: Level;
  status: "optimal" | "feasible" | "infeasible" | "unknown";
  stop_reason: string | null;
  objective: Terms | null;
  bound: number | null;
  gap: number | null;
  num_areas: number;
  num_units: number;
  households: number;
  area_households: { min: number; median: number; max: number };
  num_violations: number;
  num_warnings: number;
  bounds: { min: number; max: number; target: number };
  seconds: number;
}

export type Approval = "draft" | "submitted" | "reviewed" | "filed";

export interface Plan {
  id: string;
  number: number;
  name: string;
  dataset: string | null;
  base: string | null;
  origin: string;
  levels: LevelSummary[];
  approval: Approval;
  revision: number;
  created: string;
  actor: string;
  job: string | null;
  notices: Notice[];
  links: Record<string, string>;
}

export interface Violation {
  rule: string;
  grid: string | null;
  units: string[];
  amount: number | null;
  message: string;
  remedy: string;
  kind: "violation" | "warning";
  level: Level;
}

export interface Area {
  code: string;
  households: number;
  community?: string | null;
  within_bounds?: boolean;
  deviation?: number;
  mean_walk_m?: number | null;
  units?: number;
  buildings?: number;
  compounds?: string | null;
  locked?: boolean;
  [column: string]: unknown;
}

export interface Broken {
  rule: string;
  grid: string | null;
  amount: number | null;
  message: string;
}

export interface Draft {
  id: string;
  name: string;
  plan: string;
  level: Level;
  revision: number;
  position: number;
  num_edits: number;
  can_undo: boolean;
  can_redo: boolean;
  locks: { units: string[]; grids: string[]; lines: Pair[] };
  objective: Terms;
  base_objective: Terms;
  num_violations: number;
  violations: Broken[];
  num_grids: number;
  /** Null where nobody is posted in the plan. */
  staff: { changes: number; lawful: boolean; num_broken: number; num_short: number } | null;
  moved_units: number;
  moved_households: number;
  created: string;
  updated: string;
  actor: string;
  links: Record<string, string>;
}

/** Two neighbouring grids, in the order of their labels. */
export type Pair = [string, string];

interface Locked {
  units?: string[];
  grids?: string[];
  lines?: Pair[];
}

/** A post that changes hands: `from` null begins one, `to` null ends one. */
export interface Post {
  target: string;
  from: string | null;
  to: string | null;
}

export interface Edit {
  moves?: { units: string[]; grid: string | null }[];
  lock?: Locked & { all?: boolean };
  unlock?: Locked & { all?: boolean };
  staff?: Post[];
  comment?: string;
}

export interface Outcome {
  draft: Draft;
  lawful: boolean;
  change: Terms;
  broken: Broken[];
  mended: Broken[];
  households: Record<string, number>;
  labels: Record<string, string>;
  staff?: StaffOutcome | null;
}

/** What an edit did to the people who serve. */
export interface StaffOutcome {
  lawful: boolean;
  people: { person: string; load: number; load_before: number; capacity: number }[];
  broken: { message: string }[];
  mended: { message: string }[];
}

/** Properties of a feature of the layer `cells`. */
export interface CellProperties {
  id: string;
  name: string | null;
  households: number;
  compound: string | null;
  community: string | null;
  grid: string | null;
  locked: boolean;
}
