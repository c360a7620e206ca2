import { computed, effect, signal } from "@preact/signals";
import { get, post } from "../api/client";
import type { Draft, Post } from "../api/types";
import { language } from "../i18n";
import { draft } from "./draft";
import { attempt } from "./notices";
import { route } from "./route";
import type { Choice, PersonLoad, Staffing } from "./staffing";
import { plan, project } from "./workspace";

interface Stages {
  role: string;
  unfilled: number;
  ratio: number;
  deviation: number;
  changes: number;
  metres: number;
}

/** Who serves where in a draft, as the service tells it. */
interface DraftStaffing {
  posted: { role: string; person: string; target: string; title: string; previous: boolean }[];
  people: PersonLoad[];
  roles: Stages[];
  short: { role: string; target: string; missing: number }[];
  broken: { rule: string; person: string | null; target: string | null; message: string }[];
}

/** The draft whose staff is being changed by hand: the one that is open, if its plan is staffed. */
export const staffDraft = computed<Draft | null>(() => {
  const open = draft.value;
  return open?.staff && open.plan === plan.value?.id ? open : null;
});

export const draftStaffing = signal<DraftStaffing | null>(null);

const wanted = computed(() => {
  const open = staffDraft.value;
  return open && route.value.view === "people" ? `projects/${project.value!.id}/drafts/${open.id}/staffing?revision=${open.revision}&${language.value}` : "";
});

effect(() => {
  const path = wanted.value;
  if (!path) {
    draftStaffing.value = null;
    return;
  }
  void attempt(() => get<DraftStaffing>(path.split("?")[0]!)).then((told) => {
    if (told && wanted.peek() === path) draftStaffing.value = told;
  });
});

/** The plan's staffing with the posts, loads and open posts of the draft; how near it is to the best is not known then. */
export function asInDraft(before: Staffing, now: DraftStaffing): Staffing {
  return {
    ...before,
    people: now.people,
    posted: now.posted.map((each) => ({ ...each, load: 0, metres: null, locked: false })),
    roles: before.roles.map((role) => {
      const stages = now.roles.find((each) => each.role === role.role);
      return {
        ...role,
        stages: role.stages.map((stage) => ({ ...stage, value: stages?.[stage.stage] ?? stage.value, bound: null, proved: false })),
        short_targets: now.short.filter((each) => each.role === role.role),
      };
    }),
    empty: {},
  };
}

/** The posts that end and begin when somebody takes a target: they take over from whoever serves there alone. */
export function takingOver(target: string, serving: readonly string[], person: string): Post[] {
  if (serving.includes(person)) return [];
  return [{ target, from: serving.length === 1 ? serving[0]! : null, to: person }];
}

/** What a ranked choice ends and begins. */
export const chosen = ({ gained, lost }: Choice): Post[] => [
  ...lost.map(([person, target]): Post => ({ target, from: person, to: null })),
  ...gained.map(([person, target]): Post => ({ target, from: null, to: person })),
];

/** Who could take a target as the draft stands, best first; answered at once. */
export const staffTakers = (target: string): Promise<{ role: string; choices: Choice[] }[]> =>
  post(`projects/${project.value!.id}/drafts/${staffDraft.value!.id}/staff-takers`, { target });
