/** Numbers, times and lists as a language writes them. */
import type { Language } from "../../src/bridge/language.ts";

const UNITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"] as const;
const SIZES = ["B", "kB", "MB", "GB", "TB"] as const;

/** `12.3` and `Mbit/s` for a rate in bytes a second: three digits at most, so that it does not dance. */
export function rateParts(bytesPerSecond: number, language: Language): { value: string; unit: string } {
  return scaled(bytesPerSecond * 8, UNITS, language);
}

/** `1.2 GB` for a number of bytes. */
export function formatBytes(bytes: number, language: Language): string {
  const { value, unit } = scaled(bytes, SIZES, language);
  return `${value} ${unit}`;
}

/** `9 ms`; below ten with one digit after the point. */
export function formatMilliseconds(ms: number, language: Language): string {
  const digits = ms < 10 && !Number.isInteger(ms) ? 1 : 0;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(ms)} ms`;
}

/** `0:42:10` for a number of seconds; days are hours. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** `a, b, and c`. */
export function formatList(items: readonly string[], language: Language): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(items);
}

function scaled(
  value: number,
  units: readonly string[],
  language: Language,
): { value: string; unit: string } {
  const step = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
  const number = value / 1000 ** step;
  const digits = step === 0 || number >= 100 ? 0 : 1;
  return {
    value: new Intl.NumberFormat(language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(number),
    unit: units[step] ?? "",
  };
}
