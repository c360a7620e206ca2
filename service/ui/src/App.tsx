import { Header } from "./components/Header";
import { Toasts } from "./components/Toasts";
import { translator } from "./i18n";
import { common } from "./i18n/common";
import { route } from "./state/route";
import { project, projects, session } from "./state/workspace";
import { SignIn } from "./views/SignIn";
import { Start } from "./views/Start";
import { VIEWS } from "./views";

const t = translator(common);

function Main() {
  if (session.value === "none") return <SignIn />;
  if (session.value === null || projects.value === null) return <p class="waiting">{t("loading")}</p>;
  if (!project.value) return <Start />;
  const view = VIEWS.find(({ id }) => id === route.value.view) ?? VIEWS[0]!;
  return <view.Component key={`${project.value.id}/${view.id}`} />;
}

export function App() {
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById("main")?.focus())}>
        {t("skip")}
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <Main />
      </main>
      <Toasts />
    </>
  );
}
