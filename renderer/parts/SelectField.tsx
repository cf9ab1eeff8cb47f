import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
} from "react-aria-components/Select";
import ChevronDown from "lucide-react/icons/chevron-down";
import Check from "lucide-react/icons/check";
import field from "./Field.module.css";
import styles from "./SelectField.module.css";

interface SelectFieldProps<Value extends string> {
  readonly label: string;
  readonly value: Value | null;
  readonly options: readonly {
    readonly id: Value;
    readonly label: string;
    /** A second, quiet line: why it cannot be chosen, for example. */
    readonly detail?: string;
    readonly isDisabled?: boolean;
  }[];
  readonly onChange: (value: Value) => void;
  readonly description?: string;
  readonly error?: string | undefined;
  readonly placeholder?: string;
  readonly isDisabled?: boolean;
}

/** One of many, in a list that opens. */
export function SelectField<Value extends string>({
  label,
  value,
  options,
  onChange,
  description,
  error,
  placeholder = "–",
  isDisabled = false,
}: SelectFieldProps<Value>) {
  return (
    <Select
      className={field.field ?? ""}
      value={value}
      onChange={(key) => {
        if (key !== null) onChange(key as Value);
      }}
      placeholder={placeholder}
      isDisabled={isDisabled}
      isInvalid={error !== undefined}
    >
      <Label className={field.label ?? ""}>{label}</Label>
      <Button className={[field.input, styles.button].join(" ")}>
        <SelectValue className={styles.value ?? ""} />
        <ChevronDown size={18} />
      </Button>
      {description === undefined ? null : (
        <Text slot="description" className={field.description ?? ""}>
          {description}
        </Text>
      )}
      {error === undefined ? null : (
        <Text slot="errorMessage" role="alert" className={field.error ?? ""}>
          {error}
        </Text>
      )}
      <Popover className={styles.popover ?? ""}>
        <ListBox className={styles.list ?? ""}>
          {options.map((option) => (
            <ListBoxItem
              key={option.id}
              id={option.id}
              textValue={option.label}
              isDisabled={option.isDisabled ?? false}
              className={styles.option ?? ""}
            >
              <span className={styles.mark}>{option.id === value ? <Check size={16} /> : null}</span>
              <span className={styles.words}>
                <span>{option.label}</span>
                {option.detail === undefined ? null : <span className={styles.detail}>{option.detail}</span>}
              </span>
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
