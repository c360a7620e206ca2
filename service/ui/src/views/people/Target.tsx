import { useEffect, useState } from "preact/hooks";
import { JobLine } from "../../components/JobLine";
import { count, percent, translator } from "../../i18n";
import { people } from "../../i18n/people";
import { brief } from "../../map/names";
import { change } from "../../state/draft";
import { chosen, staffDraft } from "../../state/draftStaffing";
import { isOver } from "../../state/jobs";
import { askTakers, loadOf, servingAt, shownRole, takers, takersJob, wish, wishes, type Choice, type Stage } from "../../state/staffing";
import { mayPlan } from "../../state/workspace";

const t = translator(people);
const STAGES = ["unfilled", "ratio", "deviation", "changes", "metres"] as const;
const MAX_SHOWN = 12;

/** The first stage that changes is what the ranking goes by. */
function inShort({ effect }: Choice): string {
  const stage = STAGES.find((each) => Math.abs(effect[each] ?? 0) > 1e-6 && each !== "changes");
  if (!stage) return t("same");
  const amount = effect[stage]!;
  return t("effect", { stage: t(`stage_${stage}`), sign: amount > 0 ? "+" : "−", amount: told(stage, Math.abs(amount)) });
}

const told = (stage: Stage["stage"], amount: number): string => (stage === "ratio" ? percent(amount) : count(amount));

function How({ choice, target }: { choice: Choice; target: string }) {
  const out = choice.lost.find(([person, at]) => at === target && person !== choice.person);
  const given = choice.lost.find(([person]) => person === choice.person);
  return (
    <small class="quiet">
      {[out && t("takesOver", { person: out[0] }), given && t("gives", { target: brief(given[1]) }), inShort(choice)].filter(Boolean).join(" · ")}
    </small>
  );
}

function Takers({ code }: { code: string }) {
  const job = takersJob.now.value?.job.value;
  const answer = takers.value?.find(({ role, target }) => role === shownRole.value?.role && target === code);
  if (job && !isOver(job)) return <p role="status">{t("asking")}</p>;
  if (!answer) {
    return (
      <>
        <JobLine now={takersJob.now} stoppable={false} />
        <button type="button" onClick={() => void askTakers(code)}>
          {t("whoCould")}
        </button>
      </>
    );
  }
  if (!answer.choices.length) return <p>{t("noneCould")}</p>;
  return (
    <>
      <h4>{t("whoCould")}</h4>
      <ol class="takers-list">
        {answer.choices.slice(0, MAX_SHOWN).map((choice) => (
          <li>
            <span class="grip" draggable={mayPlan.value} onDragStart={(event) => event.dataTransfer?.setData("text/wangge-person", choice.person)}>
              {choice.person}
            </span>
            {mayPlan.value && (
              <button type="button" onClick={() => (staffDraft.value ? change({ staff: chosen(choice) }) : wish({ person: choice.person, target: code }))}>
                {t("assign")}
                <span class="sr"> {choice.person}</span>
              </button>
            )}
            <How choice={choice} target={code} />
          </li>
        ))}
      </ol>
    </>
  );
}

/** By keyboard: a staff number for this target. */
function ByNumber({ code }: { code: string }) {
  const [person, setPerson] = useState("");
  const all = [...loadOf.value.values()].filter(({ role }) => role === shownRole.value?.role);
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        wish({ person, target: code });
        setPerson("");
      }}
    >
      <label class="inline">
        {t("personFor")}
        <input list="people-of-role" required value={person} onInput={(event) => setPerson(event.currentTarget.value)} />
      </label>
      <datalist id="people-of-role">
        {all.map((each) => (
          <option value={each.person} />
        ))}
      </datalist>
      <button type="submit" disabled={!all.some((each) => each.person === person)}>
        {t("assign")}
      </button>
    </form>
  );
}

/** The target that is picked: who serves there, who could. */
export function Target({ code }: { code: string }) {
  useEffect(() => {
    takers.value = null;
    takersJob.clear();
  }, [code, staffDraft.value?.revision]);
  const serving = servingAt.value.get(code) ?? [];
  const wished = wishes.value.filter(({ target }) => target === code);
  return (
    <section class="card pick">
      <h4>{code}</h4>
      <p>
        {t("serving")}
        {t("colon")}
        {serving.map(({ person, locked }) => (locked ? `${person}（${t("locked")}）` : person)).join("、") || <span class="bad">{t("nobody")}</span>}
        {wished.length > 0 && (
          <>
            <br />
            {t("wishes")}
            {t("colon")}
            {wished.map(({ person }) => person).join("、")}
          </>
        )}
      </p>
      {staffDraft.value && mayPlan.value && serving.length > 0 && (
        <p class="row">
          {serving.map(({ person }) => (
            <button type="button" onClick={() => change({ staff: [{ target: code, from: person, to: null }] })}>
              {t("relieve", { person })}
            </button>
          ))}
        </p>
      )}
      <Takers code={code} />
      {mayPlan.value && <ByNumber code={code} />}
    </section>
  );
}
