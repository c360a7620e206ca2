import { effect, signal } from "@preact/signals";
import type { Dictionary } from "./define";
import { filled } from "./filled";

export type Language = "zh" | "en";

const KEPT = "wangge.language";

function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(KEPT);
  return asked === "en" ? "en" : "zh";
}

/** The language of the page; Chinese unless asked otherwise. */
export const language = signal<Language>(firstLanguage());

effect(() => {
  localStorage.setItem(KEPT, language.value);
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
});

/** A translator over one dictionary: see `filled`. */
export function translator<K extends string>(words: Dictionary<K>) {
  return (key: K, values: Record<string, string | number> = {}): string => filled(words[language.value][key], values);
}

/** A whole number with thousands separators, the same in both languages. */
export const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** A share as a percentage with the digits that matter. */
export const percent = (share: number): string => {
  const value = share * 100;
  const digits = value === 0 || value >= 10 ? 0 : value >= 1 ? 1 : 2;
  return `${value.toFixed(digits)}%`;
};

/** A stored UTC time in the reader's own time zone. */
export const moment = (iso: string): string =>
  new Intl.DateTimeFormat(language.value === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
