import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import Undo2 from "lucide-react/icons/undo-2";
import X from "lucide-react/icons/x";
import { Button } from "./Button.tsx";
import { IconButton } from "./IconButton.tsx";
import { dismissToast, TOAST_MS, useToasts, type Toast } from "./toasts.ts";
import styles from "./Toasts.module.css";

/** Where messages come up. Stands once in the window; time stops while the pointer or the focus is here. */
export function Toasts() {
  const { t } = useTranslation();
  const toasts = useToasts((state) => state.toasts);
  const [held, setHeld] = useState(false);
  return (
    <section
      className={styles.region}
      aria-label={t("parts.messages")}
      aria-live="polite"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} held={held} />
      ))}
    </section>
  );
}

function ToastCard({ toast, held }: { readonly toast: Toast; readonly held: boolean }) {
  const { t } = useTranslation();
  const { id, text, undo } = toast;
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismissToast(id), TOAST_MS);
    return () => clearTimeout(timer);
  }, [held, id]);
  return (
    <div className={styles.toast}>
      <p className={styles.text}>{text}</p>
      {undo === undefined ? null : (
        <Button
          look="quiet"
          icon={Undo2}
          onPress={() => {
            dismissToast(id);
            void undo();
          }}
        >
          {t("parts.undo")}
        </Button>
      )}
      <IconButton label={t("parts.closeMessage")} icon={X} onPress={() => dismissToast(id)} />
    </div>
  );
}
