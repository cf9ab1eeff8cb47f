import type { ReactNode } from "react";
import { FieldError, Input, Label, Text, TextField as AriaTextField } from "react-aria-components/TextField";
import { TextArea as AriaTextArea } from "react-aria-components/TextArea";
import styles from "./Field.module.css";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly description?: ReactNode;
  /** What is wrong with the value, as a sentence; undefined = nothing. */
  readonly error?: string | undefined;
  readonly placeholder?: string;
  /** For what is written for machines: links, keys, addresses. */
  readonly mono?: boolean;
  readonly isDisabled?: boolean;
  readonly autoFocus?: boolean;
  readonly maxLength?: number;
}

/** One line of text. */
export function TextField(props: FieldProps) {
  const { placeholder = "", mono = false } = props;
  return (
    <Field {...props}>
      <Input className={[styles.input, mono ? styles.mono : ""].join(" ")} placeholder={placeholder} />
    </Field>
  );
}

/** Several lines of text. */
export function TextArea({ rows = 5, ...props }: FieldProps & { readonly rows?: number }) {
  const { placeholder = "", mono = false } = props;
  return (
    <Field {...props}>
      <AriaTextArea
        className={[styles.input, styles.area, mono ? styles.mono : ""].join(" ")}
        placeholder={placeholder}
        rows={rows}
      />
    </Field>
  );
}

function Field({
  label,
  value,
  onChange,
  description,
  error,
  mono = false,
  isDisabled = false,
  autoFocus = false,
  maxLength,
  children,
}: FieldProps & { readonly children: ReactNode }) {
  return (
    <AriaTextField
      className={styles.field ?? ""}
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      isDisabled={isDisabled}
      // A field that the person was just led to is where they want to type.
      autoFocus={autoFocus}
      spellCheck={mono ? "false" : "true"}
      autoComplete="off"
      {...(maxLength === undefined ? {} : { maxLength })}
    >
      <Label className={styles.label ?? ""}>{label}</Label>
      {children}
      {description === undefined ? null : (
        <Text slot="description" className={styles.description ?? ""}>
          {description}
        </Text>
      )}
      <FieldError className={styles.error ?? ""}>{error}</FieldError>
    </AriaTextField>
  );
}
