/**
 * Plugin data of many requests, kept as it came over the wire.
 *
 * @module
 */

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type {
  StoredEntries,
  StoredEntriesById,
} from "../../ports/auth_service.ts";
import { PluginDataV3 } from "../gen/types/plugin_data.ts";
import { Metadata } from "../gen/types/resource.ts";
import { convertPluginData } from "./convert.ts";

/** Number of the only field of `PluginDataSeq`. Source: docs/design/plugin-data.md 1. */
const PLUGIN_DATA_FIELD = 1;

/** Number of the field of `PluginDataV3` that holds the name. */
const METADATA_FIELD = 4;

/**
 * An answer of `GetPluginData` about all requests. Most of it is looked at once and needs nothing, so each
 * item is decoded when it is asked for: ten thousand of them as objects would take many times the memory.
 */
export class PluginDataList implements StoredEntriesById {
  readonly #plugin: string;
  readonly #items = new Map<string, Uint8Array>();

  /**
   * Reads a serialized `PluginDataSeq`.
   *
   * @param plugin Whose entries are wanted.
   * @throws If the bytes are not that message.
   */
  constructor(bytes: Uint8Array, plugin: string) {
    this.#plugin = plugin;
    for (const item of readFields(bytes, PLUGIN_DATA_FIELD)) {
      const id = readName(item);
      if (id !== "") this.#items.set(id, item);
    }
  }

  get size(): number {
    return this.#items.size;
  }

  get(id: string): StoredEntries | undefined {
    const item = this.#items.get(id);
    return item && convertPluginData(PluginDataV3.decode(item), this.#plugin);
  }

  keys(): IterableIterator<string> {
    return this.#items.keys();
  }
}

function readName(item: Uint8Array): string {
  for (const metadata of readFields(item, METADATA_FIELD)) {
    return Metadata.decode(metadata).name;
  }
  return "";
}

/** Gives out the sub-messages in one field of a message, without copying them. */
function* readFields(bytes: Uint8Array, field: number): Generator<Uint8Array> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === field && type === WireType.LengthDelimited) {
      yield reader.bytes();
    } else reader.skip(type, number);
  }
}
