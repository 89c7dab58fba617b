/**
 * Noticing that files were changed or replaced.
 *
 * @module
 */

import { basename, dirname } from "node:path";

/** A change often comes as several events: those that follow the first one this soon are told with it. */
const GATHER_MS = 50;

/** How soon it is watched again after the system stopped to tell. */
const RENEW_MS = 1000;

/** What tells of changes, such as {@linkcode Deno.watchFs}. */
export type WatchFolders = (
  folders: string[],
) => AsyncIterable<Deno.FsEvent> & { close(): void };

/**
 * Watches the folders of some files, so that a file or a link that is swapped for another is noticed
 * too. It is a help, not a promise: some file systems tell nothing, so poll as well.
 */
export class FileWatch implements Disposable {
  readonly #paths: readonly string[];
  readonly #watchFolders: WatchFolders;
  #watcher: ReturnType<WatchFolders> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(
    paths: readonly string[],
    watchFolders: WatchFolders = (folders) =>
      Deno.watchFs(folders, { recursive: false }),
  ) {
    this.#paths = paths;
    this.#watchFolders = watchFolders;
    this.renew();
  }

  /**
   * Settles soon after one or more of the files may have changed. Only the newest promise does: one for all
   * would remember every wait.
   */
  untilChanged(): Promise<void> {
    this.#changed = Promise.withResolvers();
    return this.#changed.promise;
  }

  /** Watches anew: a folder may have been replaced, or a link may lead to another one. */
  renew(): void {
    this.#close();
    try {
      const watcher = this.#watchFolders([...this.#folders()]);
      this.#watcher = watcher;
      this.#follow(watcher).catch(() => this.#failed(watcher));
    } catch {
      // There is no such folder yet, or it may not be watched.
    }
  }

  [Symbol.dispose](): void {
    this.#close();
    clearTimeout(this.#timer);
  }

  #close(): void {
    clearTimeout(this.#renewal);
    try {
      this.#watcher?.close();
    } catch {
      // One that failed may be closed already.
    }
    this.#watcher = undefined;
  }

  /** The system tells no more of changes, as after too many at once: what it left out may be one of ours. */
  #failed(watcher: ReturnType<WatchFolders>): void {
    if (this.#watcher !== watcher) return;
    this.#renewal = setTimeout(() => {
      this.renew();
      this.#changed.resolve();
    }, RENEW_MS);
  }

  async #follow(watcher: AsyncIterable<Deno.FsEvent>): Promise<void> {
    for await (const event of watcher) {
      if (!this.#concerns(event)) continue;
      // Never put off by what comes later: a busy folder may never be quiet.
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#changed.resolve();
      }, GATHER_MS);
    }
  }

  /** Other files of the folder may be written all the time, such as a log. */
  #concerns({ kind, paths }: Deno.FsEvent): boolean {
    if (kind === "access") return false;
    if (kind !== "modify") return true;
    const names = this.#paths.map((path) => basename(path));
    return paths.some((path) => names.includes(basename(path)));
  }

  /** Folders of the files as they are named, and of those that links lead to. */
  #folders(): Set<string> {
    const folders = new Set(this.#paths.map((path) => dirname(path)));
    for (const path of this.#paths) {
      try {
        folders.add(dirname(Deno.realPathSync(path)));
      } catch {
        // There is no such file yet.
      }
    }
    return folders;
  }
}
