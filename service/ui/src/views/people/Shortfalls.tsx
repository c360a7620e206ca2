import { count, language, translator } from "../../i18n";
import { people } from "../../i18n/people";
import type { PlanMap } from "../../map/planMap";
import { picked } from "../../state/shown";
import { found, shownRole, type EmptyPost } from "../../state/staffing";

const t = translator(people);
const MAX_SHOWN = 20;

function Why({ post }: { post: EmptyPost }) {
  return (
    <>
      <p class="quiet">{t("reason", { targets: post.targets.length, people: post.people.length, room: post.room, wanted: post.wanted })}</p>
      {post.relaxations.length > 0 && (
        <p>
          {t("least")}
          {t("colon")}
          {post.relaxations.map(({ kind, amount, person, rule }) => t(`relax_${kind}`, { amount: count(amount), person: person ?? "", rule: rule ?? "" })).join(language.value === "zh" ? "；" : "; ")}
        </p>
      )}
    </>
  );
}

/** Posts that stay open: why, and the least that would fill one. */
export function Shortfalls({ map }: { map: PlanMap | null }) {
  const now = shownRole.value;
  if (!now?.short_targets.length) return null;
  const reasons = new Map((found.value?.empty?.[now.role] ?? []).map((post) => [post.target, post]));
  const look = (target: string) => {
    picked.value = target;
    map?.zoomTo(map.unitsOf(target));
  };
  return (
    <section>
      <h3>
        {t("shortfalls")} ({count(now.short_targets.length)})
      </h3>
      <ul class="problems">
        {now.short_targets.slice(0, MAX_SHOWN).map(({ target, missing }) => {
          const why = reasons.get(target);
          return (
            <li class="bad">
              <button type="button" class="plain" onClick={() => look(target)}>
                {target}
              </button>{" "}
              {t("missing", { count: missing })}
              {why && <Why post={why} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
