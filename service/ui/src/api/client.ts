import { language } from "../i18n";
import { ApiError, Unreachable, type Problem } from "./problem";

/** Where the service is: the page is served beside it. */
const BASE = new URL("api/v1/", new URL(".", document.baseURI));

export interface Answer<T> {
  data: T;
  status: number;
  etag: string | null;
}

export interface Ask {
  body?: unknown;
  form?: FormData;
  etag?: string | null;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export const address = (path: string): string => new URL(path.replace(/^\/(api\/v1\/)?/, ""), BASE).href;

async function problemOf(response: Response): Promise<Problem> {
  const nothing = { type: "about:blank", code: "unexpected", status: response.status, title: response.statusText, detail: "" };
  try {
    return { ...nothing, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return nothing;
  }
}

/** One request; throws `ApiError` with the service's own words, or `Unreachable`. */
export async function ask<T>(method: string, path: string, asked: Ask = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { "Accept-Language": language.value, ...asked.headers };
  if (asked.etag) headers[method === "GET" ? "If-None-Match" : "If-Match"] = asked.etag;
  if (asked.body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(address(path), {
      method,
      headers,
      credentials: "same-origin",
      body: asked.form ?? (asked.body === undefined ? null : JSON.stringify(asked.body)),
      ...(asked.signal ? { signal: asked.signal } : {}),
    });
  } catch (error) {
    if (asked.signal?.aborted) throw error;
    throw new Unreachable(String(error));
  }
  if (!response.ok) {
    const wait = Number(response.headers.get("Retry-After"));
    throw new ApiError(await problemOf(response), Number.isFinite(wait) && wait > 0 ? wait : null);
  }
  const empty = response.status === 204 || response.headers.get("Content-Length") === "0";
  const data = (empty ? undefined : await response.json()) as T;
  return { data, status: response.status, etag: response.headers.get("ETag") };
}

export const get = async <T>(path: string, asked: Ask = {}): Promise<T> => (await ask<T>("GET", path, asked)).data;
export const post = async <T>(path: string, body?: unknown, asked: Ask = {}): Promise<T> =>
  (await ask<T>("POST", path, { ...asked, ...(body === undefined ? {} : { body }) })).data;

interface Page<T> {
  items: T[];
  next: string | null;
}

/** All entries of a list, page after page. */
export async function list<T>(path: string, asked: Ask = {}): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const join: string = path.includes("?") ? "&" : "?";
    const page: Page<T> = await get<Page<T>>(`${path}${join}limit=1000${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`, asked);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return all;
}
