/**
 * How a gateway is called in the window: by its place where its name only repeats that (`saopaulo` in `São Paulo`),
 * else by its name.
 */
export function placeName({ name, region }: { readonly name: string; readonly region: string }): string {
  return plain(name) === plain(region) ? region : name;
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[^\p{Letter}\p{Number}]/gu, "")
    .toLowerCase();
}
