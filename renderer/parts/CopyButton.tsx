import { useTranslation } from "react-i18next";
import Copy from "lucide-react/icons/copy";
import { Button } from "./Button.tsx";
import { notify } from "./toasts.ts";

interface CopyButtonProps {
  readonly text: string;
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
        navigator.clipboard.writeText(text).then(
          () => notify({ text: t("parts.copied") }),
          () => notify({ text: t("parts.notCopied") }),
        );
      }}
    >
      {t("parts.copy")}
    </Button>
  );
}
