/**
 * The command by which an administrator issues credentials, as hints show it.
 *
 * @module
 */

/** Which credentials are issued; what is left out is as in the quick start. */
export interface IssuedCredentials {
  /** Teleport user that they speak for. */
  readonly userName?: string;
  /** One identity file, or three files for TLS. */
  readonly kind?: "identity" | "tls";
  /** Path of the identity file, or how the paths of the three begin. */
  readonly out?: string;
}

/**
 * Returns the command, in the marks of code.
 *
 * It asks for 30 days: left to itself `tctl` issues for 12 hours, and the plugin is deaf the next
 * day. `--overwrite` spares a question, as there mostly is an older file.
 */
export function signCommand(
  { userName = "teleport-discord", kind = "identity", out }: IssuedCredentials =
    {},
): string {
  const format = kind === "tls" ? "--format=tls " : "";
  const path = out ?? (kind === "tls" ? "teleport" : "identity");
  return `\`tctl auth sign --user=${userName} --ttl=720h ${format}--overwrite --out=${path}\``;
}
