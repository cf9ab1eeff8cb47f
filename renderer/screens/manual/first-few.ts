/** Addresses, networks and gateways one after the other: the first so many, then how many more. */
export function firstFew(items: readonly string[], most: number): string {
  const rest = items.length - most;
  return [...items.slice(0, most), ...(rest > 0 ? [`+ ${rest}`] : [])].join(", ");
}
