import { describe, expect, it } from "vitest";
import { ApiError, Unreachable } from "../api/problem";
import type { Draft, Outcome } from "../api/types";
import { DraftQueue, moved, type Line, type Op, type Sent } from "./draftQueue";

const move = (unit: string, grid: string | null): Op => ({ kind: "edit", edit: { moves: [{ units: [unit], grid }] } });
const problem = (status: number, more = {}) => new ApiError({ type: "", code: "draft_changed", status, title: "", detail: "", ...more }, null);
const turns = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

/** A server with one draft: it answers, fails as told, and may lose its answer. */
class Server {
  revision = 1;
  applied: Op[] = [];
  fails: (Error | "lost")[] = [];
  again: (() => void)[] = [];
  refused: unknown[] = [];
  queue: DraftQueue;

  constructor() {
    const line: Line = {
      send: (op, etag) => this.send(op, etag),
      landed: (op, revision) => Promise.resolve(revision === this.revision && this.applied.at(-1) === op ? this.sent() : null),
      changed: () => undefined,
      done: () => undefined,
      refused: (error) => this.refused.push(error),
      later: (again) => this.again.push(again),
    };
    this.queue = new DraftQueue('"1"', line);
  }

  sent = (): Sent => ({ etag: `"${this.revision}"`, outcome: { labels: {} } as Outcome });

  private async send(op: Op, etag: string): Promise<Sent> {
    const failure = this.fails.shift();
    if (failure instanceof Error) throw failure;
    if (etag !== `"${this.revision}"`) throw problem(412, { current: { revision: this.revision } as Draft });
    this.revision += 1;
    this.applied.push(op);
    if (failure === "lost") throw new Unreachable("gone");
    return this.sent();
  }

  async back(): Promise<void> {
    this.again.splice(0).forEach((again) => again());
    await turns();
  }
}

describe("edits on their way", () => {
  it("arrive in order, each on top of the last", async () => {
    const server = new Server();
    ["a", "b", "c"].forEach((unit) => server.queue.push(move(unit, "1")));
    await turns();
    expect(server.applied).toEqual(["a", "b", "c"].map((unit) => move(unit, "1")));
    expect([server.queue.state, server.queue.etag]).toEqual(["saved", '"4"']);
  });

  it("wait while the server is away, and are sent once it is back", async () => {
    const server = new Server();
    server.fails = [new Unreachable("gone"), problem(503)];
    server.queue.push(move("a", "1"));
    await turns();
    expect([server.queue.state, server.queue.pending.length]).toEqual(["waiting", 1]);
    server.queue.push(move("b", "1"));
    await server.back();
    await server.back();
    expect(server.applied.length).toBe(2);
    expect(server.queue.state).toBe("saved");
  });

  it("are not done twice where only the answer was lost", async () => {
    const server = new Server();
    server.fails = ["lost"];
    server.queue.push(move("a", "1"));
    await turns();
    await server.back();
    expect(server.applied.length).toBe(1);
    expect([server.queue.state, server.queue.etag]).toEqual(["saved", '"2"']);
  });

  it("wait for a decision where somebody else was faster; mine are done again on top", async () => {
    const server = new Server();
    server.revision = 5;
    server.queue.push(move("a", "1"));
    server.queue.push({ kind: "undo" });
    await turns();
    expect([server.queue.state, server.queue.current?.revision]).toEqual(["conflict", 5]);
    server.queue.keepMine('"5"');
    await turns();
    expect(server.applied).toEqual([move("a", "1")]);
    expect(server.queue.state).toBe("saved");
  });

  it("are dropped for theirs, or handed to a fork", async () => {
    const server = new Server();
    server.revision = 5;
    server.queue.push(move("a", "1"));
    await turns();
    expect(server.queue.surrender()).toEqual([move("a", "1")]);
    expect([server.queue.state, server.queue.pending.length, server.applied.length]).toEqual(["saved", 0, 0]);
  });

  it("that are refused are told, and the next goes on", async () => {
    const server = new Server();
    server.fails = [problem(422)];
    server.queue.push(move("a", "1"));
    server.queue.push(move("b", "1"));
    await turns();
    expect(server.refused.length).toBe(1);
    expect(server.applied).toEqual([move("b", "1")]);
  });

  it("go on after a reload", async () => {
    const server = new Server();
    server.queue.resume([move("a", "1"), move("b", "2")]);
    await turns();
    expect(server.applied.length).toBe(2);
  });
});

describe("labels on the way", () => {
  const index = new Map([["a", 0], ["b", 1], ["c", 2]]);

  it("show every move at once", () => {
    expect(moved(["1", "1", null], index, [move("a", "2"), move("c", "1")])).toEqual(["2", "1", "1"]);
  });

  it("name a new grid as the service does", () => {
    expect(moved(["1", "新1", "2"], index, [move("a", null), move("c", null)])).toEqual(["新2", "新1", "新3"]);
  });
});
