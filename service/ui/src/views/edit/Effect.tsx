import type { Broken, Terms } from "../../api/types";
import { count, translator } from "../../i18n";
import { edit } from "../../i18n/edit";

const t = translator(edit);

const TERMS = [
  ["walk", "walkLess", "walkMore"],
  ["split", "splitLess", "splitMore"],
  ["balance", "balanceLess", "balanceMore"],
  ["move", "moveLess", "moveMore"],
] as const;

/** Below this nobody feels a difference. */
const NOTHING = 0.5;

/** What a change does to each term, in plain words; better first. */
export function Effect({ change }: { change: Terms }) {
  const felt = TERMS.filter(([term]) => Math.abs(change[term]) >= NOTHING).sort(([a], [b]) => change[a] - change[b]);
  if (!felt.length && Math.abs(change.total) < NOTHING) return <p class="quiet">{t("same")}</p>;
  return (
    <ul class="effect">
      {felt.map(([term, less, more]) => (
        <li class={change[term] < 0 ? "better" : "worse"}>{t(change[term] < 0 ? less : more, { value: count(Math.abs(change[term])) })}</li>
      ))}
      <li class={change.total <= 0 ? "better sum" : "worse sum"}>{t(change.total <= 0 ? "totalLess" : "totalMore", { value: count(Math.abs(change.total)) })}</li>
    </ul>
  );
}

/** Rules that would be broken, as warnings: whoever edits may go on. */
export function Warnings({ broken, mended, done = false }: { broken: Broken[]; mended: Broken[]; done?: boolean }) {
  return (
    <>
      {broken.length > 0 ? (
        <div class="warned">
          {t(done ? "brokenBy" : "warned", { count: broken.length })}
          <ul>
            {broken.slice(0, 8).map(({ message }) => (
              <li>{message}</li>
            ))}
          </ul>
        </div>
      ) : (
        <p class="fine">✓ {t("good")}</p>
      )}
      {mended.map(({ message }) => (
        <p class="fine">{t("mends", { what: message })}</p>
      ))}
    </>
  );
}
