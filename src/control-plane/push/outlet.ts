/** Sending to a reader of any speed: while one event is on its way, only the newest of the rest is kept. */

/** The part of a WebSocket that is needed here. `done` is called once the frame has left this process. */
export interface Sink {
  send(frame: string, done: (error?: Error) => void): void;
}

export class Outlet<Event> {
  readonly #sink: Sink;
  #busy = false;
  #next: Event | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Sends now, or when the last event has left. An event that is overtaken while it waits is dropped. */
  send(event: Event): void {
    if (this.#busy) {
      this.#next = event;
      return;
    }
    this.#busy = true;
    this.#sink.send(JSON.stringify(event), () => {
      this.#busy = false;
      const next = this.#next;
      this.#next = undefined;
      if (next !== undefined) this.send(next);
    });
  }
}
