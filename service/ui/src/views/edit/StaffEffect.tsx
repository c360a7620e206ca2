import { count, translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { draft, outcome } from "../../state/draft";

const t = translator(edit);
const MOST = 6;

/** How the people of a draft stand, and what the last step did to them. */
export function StaffEffect() {
  const now = draft.value?.staff;
  if (!now) return null;
  const last = outcome.value?.staff;
  return (
    <>
      <p class={!now.lawful ? "bad" : now.num_short ? "" : "fine"}>{t("staffNow", { changes: now.changes, broken: now.num_broken, short: now.num_short })}</p>
      {last && last.broken.length > 0 && (
        <div class="warned">
          {t("brokenBy", { count: last.broken.length })}
          <ul>
            {last.broken.slice(0, MOST).map(({ message }) => (
              <li>{message}</li>
            ))}
          </ul>
        </div>
      )}
      {last?.mended.slice(0, MOST).map(({ message }) => <p class="fine">{t("mends", { what: message })}</p>)}
      {last && last.people.length > 0 && (
        <p class="quiet">
          {t("loadsNow", { list: last.people.slice(0, MOST).map(({ person, load_before, load }) => `${person} ${count(load_before)} → ${count(load)}`).join(t("comma")) })}
        </p>
      )}
    </>
  );
}
