import { signal } from "@preact/signals";
import { ApiError, Unreachable, type Problem } from "../api/problem";
import { translator } from "../i18n";
import { common } from "../i18n/common";

export interface Toast {
  key: number;
  kind: "info" | "error";
  text: string;
  problem: Problem | null;
}

let last = 0;

/** What the page tells at its foot; errors stay until they are closed. */
export const toasts = signal<Toast[]>([]);
/** Whether the last request found no server. */
export const offline = signal(false);

export function close(key: number): void {
  toasts.value = toasts.value.filter((toast) => toast.key !== key);
}

export function tell(text: string): void {
  const key = ++last;
  toasts.value = [...toasts.value, { key, kind: "info", text, problem: null }];
  setTimeout(() => close(key), 6000);
}

/** Tell what went wrong in the service's own words. */
export function tellError(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (error instanceof Unreachable) {
    offline.value = true;
    return;
  }
  const t = translator(common);
  const problem = error instanceof ApiError ? error.problem : null;
  const text = problem ? [problem.title, problem.detail].filter(Boolean).join(" – ") : t("failed", { why: String(error) });
  toasts.value = [...toasts.value.filter((toast) => toast.text !== text), { key: ++last, kind: "error", text, problem }];
}

/** Run a request and tell its failure; the answer is null then. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    const answer = await work();
    offline.value = false;
    return answer;
  } catch (error) {
    tellError(error);
    return null;
  }
}
