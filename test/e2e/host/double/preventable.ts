/** An event of the double's that the app may prevent. */
export class Preventable {
  isPrevented = false;
  readonly preventDefault = (): void => {
    this.isPrevented = true;
  };
}
