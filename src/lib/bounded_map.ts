/**
 * A memory that forgets by itself.
 *
 * @module
 */

/** A map of so many entries at most: what was set longest ago goes first. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #most: number;

  constructor(most: number) {
    super();
    this.#most = most;
  }

  /** Sets an entry, which is the newest from now on. */
  override set(key: Key, value: Value): this {
    this.delete(key);
    const [oldest] = this.keys().take(1);
    if (oldest !== undefined && this.size >= this.#most) this.delete(oldest);
    return super.set(key, value);
  }
}
