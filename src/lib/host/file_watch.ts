/**
 * Noticing that files were changed or replaced.
 *
 * @module
 */

/** A change often comes as several events, and a file is not complete at the first one. */
const QUIET_MS = 50;

/**
 * Watches the folders of some files, so that a file or a link that is swapped for another is noticed
 * too. It is a help, not a promise: some file systems tell nothing, so poll as well.
 */
export class FileWatch implements Disposable {
  readonly #paths: readonly string[];
  readonly #onChange: () => void;
  #watcher: Deno.FsWatcher | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onChange Called soon after one or more of the files may have changed. */
  constructor(paths: readonly string[], onChange: () => void) {
    this.#paths = paths;
    this.#onChange = onChange;
    this.renew();
  }

  /** Watches anew: a folder may have been replaced, or a link may lead to another one. */
  renew(): void {
    this.#close();
    try {
      this.#watcher = Deno.watchFs([...this.#folders()], { recursive: false });
      this.#follow(this.#watcher);
    } catch {
      // There is no such folder yet, or it may not be watched.
    }
  }

  [Symbol.dispose](): void {
    this.#close();
    clearTimeout(this.#timer);
  }

  #close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  async #follow(watcher: Deno.FsWatcher): Promise<void> {
    for await (const event of watcher) {
      if (!this.#concerns(event)) continue;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#onChange, QUIET_MS);
    }
  }

  /** Other files of the folder may be written all the time, such as a log. */
  #concerns({ kind, paths }: Deno.FsEvent): boolean {
    if (kind === "access") return false;
    if (kind !== "modify") return true;
    const names = this.#paths.map(nameOf);
    return paths.some((path) => names.includes(nameOf(path)));
  }

  /** Folders of the files as they are named, and of those that links lead to. */
  #folders(): Set<string> {
    const folders = new Set(this.#paths.map(folderOf));
    for (const path of this.#paths) {
      try {
        folders.add(folderOf(Deno.realPathSync(path)));
      } catch {
        // There is no such file yet.
      }
    }
    return folders;
  }
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash) || "/";
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
