/** A dictionary in both languages: every Chinese key must have its English twin, and the other way round. */
export interface Dictionary<K extends string = string> {
  zh: Record<K, string>;
  en: Record<K, string>;
}

export function define<K extends string>(words: { zh: Record<K, string>; en: Record<NoInfer<K>, string> }): Dictionary<K> {
  return words;
}
