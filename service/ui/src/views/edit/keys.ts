import { useEffect } from "preact/hooks";
import { redo, undo } from "../../state/draft";
import { aiming, clearPicks } from "../../state/draftTrial";
import { editing } from "../../state/draft";
import { apply } from "./Target";

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA|BUTTON|A|SUMMARY)$/.test(target.tagName);
const isText = (target: EventTarget | null): boolean => target instanceof HTMLInputElement && target.type !== "checkbox";

/** Ctrl+Z and Ctrl+Y, Enter to move, Esc to drop what is picked. */
export function useEditKeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (!editing.value || document.querySelector("dialog[open]")) return;
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y") && !isText(event.target)) {
        event.preventDefault();
        if (key === "y" || event.shiftKey) redo();
        else undo();
      } else if (key === "escape") {
        if (aiming.value) aiming.value = false;
        else clearPicks();
      } else if (key === "enter" && !isTyping(event.target)) apply();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}
