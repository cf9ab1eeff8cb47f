/**
 * The desktop's list of what opens what (`mimeapps.list`, MIME Applications Specification 1.0.1). The desktop's own
 * programs write our entry's name into it; they have no command that takes it out again. Pure.
 */

/** The groups that give a type to programs; what somebody took away from one stays taken away. */
const GIVEN = new Set(["[Default Applications]", "[Added Associations]"]);

/**
 * A list without `entry` as what opens one of `types`. Every other byte stays: the text is one letter a byte
 * (Latin-1), as whatever else stands in it is nobody's to read.
 */
export function withoutEntry(list: string, entry: string, types: readonly string[]): string {
  let group = "";
  const kept: string[] = [];
  for (const line of list.split(/(?<=\n)/)) {
    if (line.startsWith("[")) group = line.trim();
    const { head, type, value, end } =
      /^(?<head>(?<type>[^=[#\s]+)[ \t]*=[ \t]*)(?<value>[^\r\n]*)(?<end>\r?\n?)$/.exec(line)?.groups ?? {};
    const names = value?.split(";").map((name) => name.trim()) ?? [];
    if (!GIVEN.has(group) || type === undefined || !types.includes(type) || !names.includes(entry)) {
      kept.push(line);
      continue;
    }
    const others = (value ?? "").split(";").filter((name) => name.trim() !== entry);
    if (others.some((name) => name.trim() !== "")) kept.push(`${head ?? ""}${others.join(";")}${end ?? ""}`);
  }
  return kept.join("");
}
