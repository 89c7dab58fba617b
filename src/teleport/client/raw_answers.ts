/**
 * Answers about many requests, kept as they came over the wire.
 *
 * Most of what they hold is looked at once and needs nothing, so each item is decoded when it is asked for: what is
 * decoded one by one is garbage at once, and ten thousand items as objects would take many times the memory.
 *
 * @module
 */

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { AccessRequest } from "../../ports/access_request.ts";
import {
  PLUGIN_NAME,
  type StoredEntries,
  type StoredEntriesById,
} from "../../ports/auth_service.ts";
import { AccessRequestV3 } from "../gen/types/access_request.ts";
import { PluginDataV3 } from "../gen/types/plugin_data.ts";
import { Metadata } from "../gen/types/resource.ts";
import { convertAccessRequest, convertPluginData } from "./convert.ts";

/** Number of the only field of `PluginDataSeq`. Source: docs/design/plugin-data.md 1. */
const PLUGIN_DATA_FIELD = 1;

/** Number of the field of `PluginDataV3` that holds the name. */
const METADATA_FIELD = 4;

/** Numbers of the fields of `ListAccessRequestsResponse`. */
const REQUESTS_FIELD = 1;
const NEXT_KEY_FIELD = 2;

/** So many requests are decoded at a time. */
const AT_ONCE = 10;

/** An answer of `GetPluginData` about all requests. */
export class PluginDataList implements StoredEntriesById {
  readonly #items = new Map<string, Uint8Array>();

  /**
   * Reads a serialized `PluginDataSeq`.
   *
   * @throws If the bytes are not that message.
   */
  constructor(bytes: Uint8Array) {
    for (const { number, value } of readFields(bytes)) {
      const id = number === PLUGIN_DATA_FIELD ? readName(value) : "";
      if (id !== "") this.#items.set(id, value);
    }
  }

  get(id: string): StoredEntries | undefined {
    const item = this.#items.get(id);
    return item && convertPluginData(PluginDataV3.decode(item), PLUGIN_NAME);
  }

  keys(): MapIterator<string> {
    return this.#items.keys();
  }
}

/** An answer of `ListAccessRequests`. */
export class RequestPage {
  readonly #items: Uint8Array[] = [];
  /** Where the next page begins; empty after the last. */
  readonly nextKey: string = "";

  /**
   * Reads a serialized `ListAccessRequestsResponse`.
   *
   * @throws If the bytes are not that message.
   */
  constructor(bytes: Uint8Array) {
    for (const { number, value } of readFields(bytes)) {
      if (number === REQUESTS_FIELD) this.#items.push(value);
      if (number === NEXT_KEY_FIELD) {
        this.nextKey = new TextDecoder().decode(value);
      }
    }
  }

  /** Gives out the requests in their order, some at a time. */
  *requests(): Generator<readonly AccessRequest[]> {
    for (const some of chunks(this.#items, AT_ONCE)) {
      yield some.map((item) =>
        convertAccessRequest(AccessRequestV3.decode(item))
      );
    }
  }
}

/** Gives out what is in a list, so many at a time. */
export function* chunks<T>(
  items: readonly T[],
  size: number,
): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) {
    yield items.slice(start, start + size);
  }
}

function readName(item: Uint8Array): string {
  for (const { number, value } of readFields(item)) {
    if (number === METADATA_FIELD) return Metadata.decode(value).name;
  }
  return "";
}

/** A field whose value has a length: a string or a message. */
interface RawField {
  readonly number: number;
  readonly value: Uint8Array;
}

/** Gives out the strings and messages in a message, without copying them. */
function* readFields(bytes: Uint8Array): Generator<RawField> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      yield { number, value: reader.bytes() };
    } else reader.skip(type, number);
  }
}
