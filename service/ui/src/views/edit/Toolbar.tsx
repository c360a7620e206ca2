import { translator } from "../../i18n";
import { edit } from "../../i18n/edit";
import { canRedo, canUndo, redo, undo } from "../../state/draft";
import { tool, type Tool } from "../../state/draftTrial";

const t = translator(edit);
const TOOLS: { id: Tool; path: string }[] = [
  { id: "click", path: "M5 2l12 9-6 .8 3 6-2.4 1.2-3-6L5 17z" },
  { id: "box", path: "M3 5h14v11H3z" },
  { id: "lasso", path: "M10 3c5 0 8 2 8 5s-4 5-8 5-7-2-7-5 3-5 7-5zM6 12c-2 2-1 5 1 6" },
  { id: "brush", path: "M17 3l-8 8M8 11c-3 0-3 4-6 5 3 2 8 1 8-3z" },
  { id: "line", path: "M2 16L8 10M12 6l5-5M7 9V7a3 3 0 016 0v2M6 9h8v6H6z" },
];

const Icon = ({ path }: { path: string }) => (
  <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linejoin="round" stroke-linecap="round">
    <path d={path} />
  </svg>
);

/** Tools over the map while a draft is open. */
export function Toolbar() {
  return (
    <div class="toolbar">
      <div class="tool-row">
      <div role="radiogroup" aria-label={t("tools")} class="tools">
        {TOOLS.map(({ id, path }) => (
          <button type="button" role="radio" aria-checked={tool.value === id} onClick={() => (tool.value = id)}>
            <Icon path={path} /> {t(id)}
          </button>
        ))}
      </div>
      <button type="button" title={t("undoHint")} disabled={!canUndo.value} onClick={undo}>
        <Icon path="M4 8h8a4 4 0 010 8H8M7 4L3 8l4 4" /> {t("undo")}
      </button>
      <button type="button" title={t("redoHint")} disabled={!canRedo.value} onClick={redo}>
        <Icon path="M16 8H8a4 4 0 000 8h4M13 4l4 4-4 4" /> {t("redo")}
      </button>
      </div>
      <p class="hint">{t(tool.value === "click" ? "clickHint" : tool.value === "line" ? "lineHint" : "dragHint")}</p>
    </div>
  );
}
