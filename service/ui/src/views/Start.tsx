import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { Project } from "../api/types";
import { count, moment, translator } from "../i18n";
import { common } from "../i18n/common";
import { data } from "../i18n/data";
import { attempt } from "../state/notices";
import { go, link } from "../state/route";
import { loadProjects, projects, session } from "../state/workspace";
import { VIEWS } from ".";
import { SystemChoice } from "./data/SystemChoice";

interface Demo {
  name: string;
  title: string;
  households: number;
}

interface ProfileName {
  name: string;
  title?: string;
}

const t = translator(common);
const d = translator(data);
const items = <T,>(answer: T[] | { items: T[] }): T[] => (Array.isArray(answer) ? answer : answer.items);

async function make(body: { name: string; profile?: string; crs?: string; demo?: string }): Promise<void> {
  const project = await attempt(() => post<Project>("projects", body));
  if (!project) return;
  await loadProjects();
  go({ project: project.id, view: "data", query: {} });
}

function NewProject({ profiles }: { profiles: ProfileName[] }) {
  const [name, setName] = useState("");
  const [profile, setProfile] = useState("hebei");
  const [system, setSystem] = useState("");
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void make({ name: name.trim(), profile, ...(system && { crs: system }) });
      }}
    >
      <h2>{t("newProject")}</h2>
      <label>
        {t("projectName")}
        <input required maxLength={80} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label>
        {t("profile")}
        <select value={profile} onChange={(event) => setProfile(event.currentTarget.value)}>
          {profiles.map((each) => (
            <option value={each.name}>{each.title ?? each.name}</option>
          ))}
        </select>
      </label>
      <SystemChoice value={system} onChange={setSystem} title={d("ofProject")} shifted={false} />
      <button type="submit" class="main">
        {t("create")}
      </button>
    </form>
  );
}

/** The first screen: what to do first. */
export function Start() {
  const [demos, setDemos] = useState<Demo[]>([]);
  const [profiles, setProfiles] = useState<ProfileName[]>([]);
  useEffect(() => {
    void attempt(async () => setDemos(items(await get<Demo[] | { items: Demo[] }>("demo"))));
    void attempt(async () => setProfiles(items(await get<ProfileName[] | { items: ProfileName[] }>("profiles"))));
  }, []);
  const mayMake = session.value !== null && session.value !== "none" && session.value.server_admin;
  return (
    <div class="start">
      <h1>{t("slogan")}</h1>
      {mayMake && <p>{t("firstStep")}</p>}
      <div class="columns">
        <section class="card" aria-labelledby="projects">
          <h2 id="projects">{t("project")}</h2>
          {projects.value?.length ? (
            <ul class="links">
              {projects.value.map((project) => (
                <li>
                  <a href={link({ project: project.id, view: "map", query: {} })}>{project.name}</a>
                  <span class="quiet">{moment(project.updated)}</span>
                </li>
              ))}
            </ul>
          ) : (
            <p class="quiet">{t("noProjects")}</p>
          )}
          {mayMake &&
            demos.map((demo) => (
              <button type="button" class="wide" onClick={() => void make({ name: demo.title, demo: demo.name })}>
                {t("openDemo", { title: demo.title })} <span class="quiet">{t("householdsOf", { count: count(demo.households) })}</span>
              </button>
            ))}
        </section>
        {mayMake && <NewProject profiles={profiles} />}
      </div>
      <h2 class="way">{t("way")}</h2>
      <ol class="way">
        {VIEWS.map(({ id, title }) => (
          <li>
            <strong>{t(title)}</strong>
            <span>{t(`way_${id}`)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
