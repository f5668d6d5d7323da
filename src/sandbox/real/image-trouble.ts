/** Why an image cannot be had, in one line that says what to do: it is all that an event of a pod has room for. */
export class ImageTrouble extends Error {
  readonly kind: 'unreachable' | 'forbidden' | 'missing' | 'limited' | 'altered' | 'refused';

  constructor(kind: ImageTrouble['kind'], message: string) {
    super(message);
    this.kind = kind;
  }

  /** Of these, what was had before says more than nothing. */
  get passes(): boolean {
    return this.kind === 'unreachable' || this.kind === 'limited';
  }
}
