/**
 * One at a time, among threads and processes.
 *
 * @module
 */

/** Does something while no other does the same in the same place. */
export async function locked<T>(
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  using file = await Deno.open(path, { create: true, write: true });
  await file.lock(true);
  return await work();
}
