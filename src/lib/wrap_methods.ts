/**
 * Wrapping each method of an object.
 *
 * @module
 */

/** Any method, with the object that it belongs to already in place. */
// deno-lint-ignore no-explicit-any -- it stands for methods of every form
export type Method = (...args: any[]) => unknown;

/**
 * Returns an object that does what another one does, each of its methods wrapped.
 *
 * @param wrap Returns what is called in place of a method; the method itself where nothing is to change.
 */
export function wrapMethods<T extends object>(
  target: T,
  wrap: (name: string, method: Method) => Method,
): T {
  const wrapped = new Map<string, Method>();
  return new Proxy(target, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function" || typeof name !== "string") return value;
      let method = wrapped.get(name);
      if (method === undefined) {
        method = wrap(name, value.bind(target));
        wrapped.set(name, method);
      }
      return method;
    },
  });
}
