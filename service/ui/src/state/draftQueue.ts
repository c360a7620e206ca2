import { ApiError, Unreachable } from "../api/problem";
import type { Draft, Edit, Outcome } from "../api/types";

/** One thing done to a draft by hand. */
export type Op = { kind: "edit"; edit: Edit } | { kind: "undo" | "redo" };

export type SaveState = "saved" | "saving" | "waiting" | "conflict";

export interface Sent {
  etag: string;
  outcome: Outcome;
}

/** What the queue needs from the world around it. */
export interface Line {
  send: (op: Op, etag: string) => Promise<Sent>;
  /** Whether an op whose answer was lost is the last step of the stored draft. */
  landed: (op: Op, revision: number) => Promise<Sent | null>;
  /** Called when what is pending, or how it stands, has changed. */
  changed: () => void;
  done: (sent: Sent) => void;
  refused: (error: unknown) => void;
  later: (again: () => void) => void;
}

/**
 * Edits on their way to the server, one after the other.
 *
 * Nothing that a hand did is dropped: while the server is away everything waits and is sent again; where somebody else
 * changed the draft first, everything waits for a decision.
 */
export class DraftQueue {
  pending: Op[] = [];
  state: SaveState = "saved";
  /** The draft as it stands on the server, where somebody else was faster. */
  current: Draft | null = null;
  private running = false;
  private uncertain = false;
  private closed = false;

  constructor(
    public etag: string,
    private readonly line: Line,
  ) {}

  push(op: Op): void {
    this.pending.push(op);
    this.line.changed();
    void this.run();
  }

  /** Edits kept from before a reload; the first may have arrived already. */
  resume(ops: Op[]): void {
    if (!ops.length) return;
    this.pending = [...ops, ...this.pending];
    this.uncertain = true;
    void this.run();
  }

  close(): void {
    this.closed = true;
  }

  /** Mine on top of theirs: moves and locks are done again, steps back and forth are not. */
  keepMine(etag: string): void {
    this.settle(etag, this.pending.filter(({ kind }) => kind === "edit"));
  }

  takeTheirs(etag: string): void {
    this.settle(etag, []);
  }

  /** What is pending, for a fork to take over; the queue is empty then. */
  surrender(): Op[] {
    const ops = this.pending;
    this.settle(this.etag, []);
    return ops;
  }

  private settle(etag: string, pending: Op[]): void {
    this.etag = etag;
    this.pending = pending;
    this.current = null;
    this.uncertain = false;
    this.set("saved");
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.running || this.state === "conflict") return;
    this.running = true;
    try {
      while (this.pending.length && !this.closed) {
        if (this.state !== "waiting") this.set("saving");
        if (!(await this.sendFirst(this.pending[0]!))) return;
      }
      if (!this.closed) this.set("saved");
    } finally {
      this.running = false;
    }
  }

  /** Whether to go on at once. */
  private async sendFirst(op: Op): Promise<boolean> {
    try {
      this.finish(await this.line.send(op, this.etag));
      return true;
    } catch (error) {
      if (this.closed) return false;
      if (error instanceof ApiError && error.status === 412) return this.outrun(op, error);
      if (error instanceof Unreachable || (error instanceof ApiError && (error.status >= 500 || error.status === 429))) {
        this.uncertain = true;
        this.set("waiting");
        this.line.later(() => void this.run());
        return false;
      }
      this.pending.shift();
      this.uncertain = false;
      this.line.refused(error);
      this.set("saving");
      return true;
    }
  }

  private async outrun(op: Op, error: ApiError): Promise<boolean> {
    if (this.uncertain) {
      try {
        const sent = await this.line.landed(op, Number(this.etag.replaceAll('"', "")) + 1);
        if (sent) {
          this.finish(sent);
          return true;
        }
      } catch {
        this.set("waiting");
        this.line.later(() => void this.run());
        return false;
      }
    }
    this.current = (error.problem.current as Draft | undefined) ?? null;
    this.set("conflict");
    return false;
  }

  private finish(sent: Sent): void {
    this.pending.shift();
    this.uncertain = false;
    this.etag = sent.etag;
    this.line.done(sent);
    if (this.state === "waiting") this.set("saving");
  }

  private set(state: SaveState): void {
    this.state = state;
    this.line.changed();
  }
}

/** The labels after some moves; a new grid is named as the service names it. */
export function moved(labels: (string | null)[], index: ReadonlyMap<string, number>, ops: readonly Op[]): (string | null)[] {
  const now = [...labels];
  const taken = new Set(now);
  for (const op of ops) {
    if (op.kind !== "edit") continue;
    for (const { units, grid } of op.edit.moves ?? []) {
      const name = grid ?? freeName(taken);
      taken.add(name);
      for (const unit of units) {
        const at = index.get(unit);
        if (at !== undefined) now[at] = name;
      }
    }
  }
  return now;
}

function freeName(taken: ReadonlySet<string | null>): string {
  let number = 1;
  while (taken.has(`新${number}`)) number++;
  return `新${number}`;
}
