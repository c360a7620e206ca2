/** One fault of what was sent, as the service tells it (RFC 9457 extension members). */
export interface Fault {
  rule: string;
  message: string;
  remedy: string;
  value: string | null;
  file: string | null;
  layer: string | null;
  row: number | null;
  column: string | null;
  pointer: string | null;
}

export interface Problem {
  type: string;
  code: string;
  status: number;
  title: string;
  detail: string;
  errors?: Fault[];
  num_errors?: number;
  download?: string | null;
  [extension: string]: unknown;
}

/** An answer of the service that says no; `problem` tells why and what to do. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfter: number | null,
  ) {
    super(problem.detail || problem.title);
  }

  get status(): number {
    return this.problem.status;
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {}
