/**
 * The body of an HTTP answer, from whoever may answer.
 *
 * @module
 */

/** Returns the whole body as text; `undefined` if it breaks off or is longer than `maxBytes`. */
export async function readHttpBody(
  { body }: Response,
  maxBytes: number,
): Promise<string | undefined> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) return undefined;
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch {
    return undefined;
  }
}
