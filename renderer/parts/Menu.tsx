import { Button } from "react-aria-components/Button";
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from "react-aria-components/Menu";
import Ellipsis from "lucide-react/icons/ellipsis";
import type { Icon } from "./icon.ts";
import buttonStyles from "./IconButton.module.css";
import styles from "./Menu.module.css";

interface MenuButtonProps<Id extends string> {
  /** What the menu is for: "Actions for office". */
  readonly label: string;
  readonly icon?: Icon;
  readonly items: readonly {
    readonly id: Id;
    readonly label: string;
    readonly icon?: Icon;
    readonly danger?: boolean;
    readonly isDisabled?: boolean;
  }[];
  readonly onAction: (id: Id) => void;
}

/** A button that opens a short list of what can be done with a thing. */
export function MenuButton<Id extends string>({
  label,
  icon: Trigger = Ellipsis,
  items,
  onAction,
}: MenuButtonProps<Id>) {
  return (
    <MenuTrigger>
      <Button className={buttonStyles.button ?? ""} aria-label={label}>
        <span className={buttonStyles.hint} title={label}>
          <Trigger size={18} />
        </span>
      </Button>
      <Popover className={styles.popover ?? ""} placement="bottom end">
        <AriaMenu className={styles.menu ?? ""} onAction={(id) => onAction(id as Id)}>
          {items.map(({ id, label: words, icon: Symbol, danger = false, isDisabled = false }) => (
            <MenuItem
              key={id}
              id={id}
              textValue={words}
              isDisabled={isDisabled}
              className={[styles.item, danger ? styles.danger : ""].join(" ")}
            >
              {Symbol === undefined ? null : <Symbol size={16} />}
              <span>{words}</span>
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
