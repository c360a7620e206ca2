import { signal } from "@preact/signals";

/** What the address names: `#/PROJECT/VIEW?plan=…&level=…`, so that a link leads back to what one saw. */
export interface Route {
  project: string | null;
  view: string;
  query: Record<string, string>;
}

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [project, view] = path.split("/").map(decodeURIComponent);
  return { project: project || null, view: view || "map", query: Object.fromEntries(new URLSearchParams(query)) };
}

export const route = signal<Route>(read());

addEventListener("hashchange", () => (route.value = read()));

export function link(change: Partial<Route>): string {
  const next = { ...route.value, ...change };
  const query = new URLSearchParams(Object.entries(next.query).filter(([, value]) => value)).toString();
  return next.project ? `#/${encodeURIComponent(next.project)}/${next.view}${query ? `?${query}` : ""}` : "#/";
}

export function go(change: Partial<Route>): void {
  location.hash = link(change);
  route.value = read();
}

/** Change what stands behind the `?` only; an empty value takes a name away. */
export function ask(query: Record<string, string>): void {
  go({ query: { ...route.value.query, ...query } });
}
