/** That something is not to be trusted any more, until work has been done that began after this was said. */
export class Doubt {
  #raised = 0;
  #settled = 0;

  raise(): void {
    this.#raised += 1;
  }

  get stands(): boolean {
    return this.#raised !== this.#settled;
  }

  /** Work begins that ends the doubt there is now. Call what is answered once it is done: what came meanwhile stays. */
  begin(): () => void {
    const raised = this.#raised;
    return () => {
      this.#settled = raised;
    };
  }
}
