import { ask as request } from "../api/client";
import { language, translator } from "../i18n";
import { common } from "../i18n/common";
import { attempt } from "../state/notices";
import { ask, go, link, route } from "../state/route";
import { plan, plans, project, projects, session } from "../state/workspace";
import { VIEWS } from "../views";

const t = translator(common);

function ProjectChoice() {
  return (
    <label class="choice">
      <span class="sr">{t("project")}</span>
      <select
        value={project.value?.id ?? ""}
        onChange={(event) => go({ project: event.currentTarget.value || null, query: {} })}
      >
        <option value="">{t("project")} …</option>
        {projects.value?.map(({ id, name }) => <option value={id}>{name}</option>)}
      </select>
    </label>
  );
}

function PlanChoice() {
  if (!plans.value?.length) return <span class="quiet">{t("noPlan")}</span>;
  return (
    <label class="choice">
      <span class="sr">{t("plan")}</span>
      <select value={plan.value?.id ?? ""} onChange={(event) => ask({ plan: event.currentTarget.value })}>
        {plans.value.map(({ id, number, name }) => (
          <option value={id}>
            {[t("planNumber", { number }), name].filter(Boolean).join(" · ")}
          </option>
        ))}
      </select>
    </label>
  );
}

async function signOut() {
  await attempt(() => request("DELETE", "session"));
  session.value = "none";
}

export function Header() {
  const signedIn = session.value !== null && session.value !== "none" ? session.value : null;
  return (
    <header class="top">
      <a class="brand" href="#/">
        <img src="./icon.svg" alt="" width="24" height="24" /> {t("brand")}
      </a>
      {projects.value && <ProjectChoice />}
      {project.value && <PlanChoice />}
      {project.value && (
        <nav aria-label={t("brand")}>
          {VIEWS.map(({ id, title }) => (
            <a href={link({ view: id })} aria-current={route.value.view === id ? "page" : undefined}>
              {t(title)}
            </a>
          ))}
        </nav>
      )}
      <span class="spring" />
      {signedIn && signedIn.actor !== "local" && (
        <button type="button" class="plain" onClick={() => void signOut()}>
          {signedIn.actor} · {t("signOut")}
        </button>
      )}
      <button type="button" class="plain" lang={language.value === "zh" ? "en" : "zh-CN"} onClick={() => (language.value = language.value === "zh" ? "en" : "zh")}>
        {t("language")}
      </button>
    </header>
  );
}
