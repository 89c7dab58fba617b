/**
 * What the shipped program may do, whatever is asked of it: these flags are part of it.
 *
 * @module
 */

import { SETUP_PATHS } from "../src/config/default_path.ts";
import { LOG_FOLDERS } from "../src/config/load.ts";

/** Folders for log files and state, the socket of systemd, and what `init` writes; `start` gives those up. */
const WRITABLE = [...LOG_FOLDERS, "/run/systemd/notify", ...SETUP_PATHS];

/**
 * Reading stays open because an operator chooses where the configuration and the secrets are; the network,
 * because a name may stand for any address; the environment, because gRPC reads a dozen variables when it is
 * loaded; the time since the machine was started, because systemd wants it with a reload; the user, because
 * a check as root does not show what the plugin may read; the memory that it may have, because no larger
 * answer is taken.
 */
export const PERMISSIONS: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-env",
  `--allow-write=${WRITABLE.join()}`,
  "--deny-run",
  "--deny-ffi",
  "--allow-sys=osUptime,uid,systemMemoryInfo",
];

/**
 * How V8 compiles and collects.
 *
 * The old generation may double before it is collected; what is left in a pause the program collects itself. All of
 * it is marked at one go, which takes some 15 ms: marked little by little, whatever is made meanwhile is kept. The
 * first and the last of the three compilers cost more, in memory and on other threads, than their code saves in a
 * program that mostly waits. The second compiles a function after 20 calls, and not 400, since for each request most
 * functions run once. docs/performance.md has the figures.
 */
export const V8_FLAGS: readonly string[] = [
  "--single-threaded-gc",
  "--max-semi-space-size=1",
  "--heap-growing-percent=100",
  "--no-incremental-marking",
  "--no-sparkplug",
  "--no-turbofan",
  "--no-concurrent-recompilation",
  "--invocation-count-for-maglev=20",
  "--minimum-invocations-after-ic-update=20",
  "--expose-gc",
];

/**
 * The rest of the command line, whether compiled or run.
 *
 * The code cache of a compiled program is
 * in a folder that every user can write, under a name that can be foreseen. `net` is for the socket of
 * systemd.
 */
export const RUNTIME_FLAGS: readonly string[] = [
  "--no-config",
  "--no-npm",
  "--no-remote",
  "--no-code-cache",
  "--unstable-net",
  `--v8-flags=${V8_FLAGS.join()}`,
];
