import { useTranslation } from "../texts/speech.ts";
import Copy from "lucide-react/icons/copy";
import { Button } from "./Button.tsx";
import { notify } from "./toasts.ts";

interface CopyButtonProps {
  /** Or what makes it, where that is work. */
  readonly text: string | (() => string);
  /** Where several stand on a screen: what is copied. Begins with the word "Copy". */
  readonly label?: string;
}

/** Copies a text and says so. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const { t } = useTranslation();
  return (
    <Button
      icon={Copy}
      {...(label === undefined ? {} : { label })}
      onPress={() => {
        navigator.clipboard.writeText(typeof text === "string" ? text : text()).then(
          () => notify({ text: t("parts.copied") }),
          () => notify({ text: t("parts.notCopied") }),
        );
      }}
    >
      {t("parts.copy")}
    </Button>
  );
}
