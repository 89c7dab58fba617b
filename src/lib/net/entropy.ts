/**
 * Random numbers for TLS, gathered before they are needed.
 *
 * @module
 */

/**
 * Lets another thread gather what the first TLS connection of a process needs: Deno's TLS measures the jitter of the
 * processor for that, which takes 25 ms, and no other connection waits for it.
 */
export function gatherEntropy(): void {
  // Of what runs on another thread only this asks the library for random numbers that also does TLS.
  crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["sign", "verify"],
  ).catch(() => {
    // Then the connection gathers them itself.
  });
}
