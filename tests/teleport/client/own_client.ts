/**
 * A client with a connection of its own.
 *
 * @module
 */

import {
  AuthChannel,
  type AuthChannelOptions,
} from "../../../src/teleport/client/auth_channel.ts";
import { TeleportClient } from "../../../src/teleport/client/teleport_client.ts";

/** Opens its connection, and closes it. */
export class OwnClient extends TeleportClient implements AsyncDisposable {
  readonly channel: AuthChannel;

  constructor(options: AuthChannelOptions) {
    const channel = new AuthChannel(options);
    super(channel, new AbortController().signal);
    this.channel = channel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.channel.close();
  }
}
