import { FaultList } from "../../components/Toasts";
import { count, percent, translator } from "../../i18n";
import { people } from "../../i18n/people";
import type { PlanMap } from "../../map/planMap";
import { staffDraft } from "../../state/draftStaffing";
import { picked, shown } from "../../state/shown";
import { found, role, shownRole, type Stage } from "../../state/staffing";
import { Loads } from "./Loads";
import { Shortfalls } from "./Shortfalls";
import { Target } from "./Target";

const t = translator(people);

const told = ({ stage }: Stage, value: number): string => (stage === "ratio" ? percent(value) : count(value));

function inPlainWords(stage: Stage): string {
  if (stage.proved) return t("proved");
  return stage.bound === null ? t("noBound") : t("atLeast", { bound: told(stage, stage.bound) });
}

function Stages() {
  const now = shownRole.value;
  if (!now) return null;
  return (
    <>
      <p class={now.short_targets.length ? "verdict bad" : "verdict"}>
        <strong>{t("posted", { posted: count(now.targets - now.short_targets.length), targets: count(now.targets), people: count(now.people) })}</strong>
      </p>
      <dl class="terms stages">
        {now.stages.map((stage) => (
          <>
            <dt>
              {t(`stage_${stage.stage}`)}
              {!staffDraft.value && (
                <>
                  <br />
                  <small class={stage.proved ? "good" : "quiet"}>{inPlainWords(stage)}</small>
                </>
              )}
            </dt>
            <dd>{told(stage, stage.value)}</dd>
          </>
        ))}
      </dl>
    </>
  );
}

function Norms() {
  const norms = found.value?.norms ?? [];
  if (!norms.length) return null;
  const names = new Map(shown.value?.cells.properties.map(({ community, grid }) => [community, shown.value!.areas.find(({ code }) => code === grid)?.community]));
  const cell = (have: number, need: number | null) => (need === null ? "–" : <span class={have < need ? "bad" : ""}>{t("need", { have, need })}</span>);
  return (
    <details>
      <summary>{t("norms")}</summary>
      <table class="faults figures">
        <thead>
          <tr>
            <th>{t("community")}</th>
            <th>{t("workers")}</th>
            <th>{t("fullTime")}</th>
          </tr>
        </thead>
        <tbody>
          {norms.map((norm) => (
            <tr>
              <td>{names.get(norm.community) || norm.community}</td>
              <td>{cell(norm.workers, norm.required)}</td>
              <td>{cell(norm.full_time, norm.required_full_time)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** Who serves where: how good that is, loads, what is short. */
export function Found({ map }: { map: PlanMap | null }) {
  const { roles, notices } = found.value!;
  return (
    <>
      {roles.length > 1 && (
        <div class="segments flat" role="group" aria-label={t("role")}>
          {roles.map((each) => (
            <button type="button" aria-pressed={each === shownRole.value} onClick={() => (role.value = each.role)}>
              {each.title}
            </button>
          ))}
        </div>
      )}
      <Stages />
      <Shortfalls map={map} />
      {picked.value ? <Target code={picked.value} /> : <p class="quiet">{t("pickHint")}</p>}
      <Loads map={map} />
      <Norms />
      {notices.length > 0 && (
        <details>
          <summary>
            {t("notices")} ({notices.length})
          </summary>
          <FaultList faults={notices.slice(0, 100).map((notice) => ({ pointer: null, ...notice }))} />
        </details>
      )}
    </>
  );
}
