import { useState } from "preact/hooks";
import { post } from "../api/client";
import { translator } from "../i18n";
import { common } from "../i18n/common";
import { attempt } from "../state/notices";
import { start } from "../state/workspace";

const t = translator(common);

export function SignIn() {
  const [token, setToken] = useState("");
  const send = async (event: Event) => {
    event.preventDefault();
    if (await attempt(() => post("session", { token: token.trim() }))) await attempt(start);
  };
  return (
    <form class="card narrow" onSubmit={(event) => void send(event)}>
      <h1>{t("signIn")}</h1>
      <p>{t("signInHint")}</p>
      <label>
        {t("token")}
        <input type="password" autocomplete="current-password" required value={token} onInput={(event) => setToken(event.currentTarget.value)} />
      </label>
      <button type="submit" class="main">
        {t("signIn")}
      </button>
    </form>
  );
}
