/** What is asked of a key's event, a browser's or React's. */
interface Pressed {
  readonly key: string;
  readonly repeat: boolean;
  preventDefault(): void;
}

/** A browser presses a button again and again while Enter is held on it: once is what was meant. */
export function pressOnce(event: Pressed): void {
  if (event.repeat && event.key === "Enter") event.preventDefault();
}
