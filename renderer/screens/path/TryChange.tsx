import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import FlaskConical from "lucide-react/icons/flask-conical";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import type { GatewayRow } from "../../gateway-row.ts";
import { useCurrentPreferences } from "../../known-preferences.ts";
import { useAgentReady } from "../../state.ts";
import type { NameOf } from "./names.ts";
import { TryForm } from "./TryForm.tsx";

interface TryChangeProps {
  readonly gateways: readonly GatewayRow[];
  readonly nameOf: NameOf;
}

/** A change seen before it is made. */
export function TryChange({ gateways, nameOf }: TryChangeProps) {
  const { t } = useTranslation();
  const ready = useAgentReady();
  const [open, setOpen] = useState(false);
  const [used, setUsed] = useState(false);
  const { layers } = useCurrentPreferences();
  return (
    <Card
      title={t("path.try.title")}
      lead={t("path.try.lead")}
      {...(open
        ? {}
        : {
            actions: (
              <Button
                icon={FlaskConical}
                isDisabled={!ready || layers === undefined}
                // Where the form was, the focus stays.
                autoFocus={used}
                onPress={() => {
                  setUsed(true);
                  setOpen(true);
                }}
              >
                {t("path.try.open")}
              </Button>
            ),
          })}
    >
      {open && layers !== undefined ? (
        <TryForm layers={layers} gateways={gateways} nameOf={nameOf} onClose={() => setOpen(false)} />
      ) : null}
    </Card>
  );
}
