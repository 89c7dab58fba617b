/**
 * What to do in Teleport before there is an identity, as text for an administrator.
 *
 * @module
 */

import { signCommand } from "../../ports/admin_hints.ts";
import roleYaml from "./teleport-discord.yaml" with { type: "text" };

/** Returns how to create what the plugin needs, which `teleport-discord.yaml` describes, and to issue the identity. */
export function howToMakeIdentity(): string {
  const command = signCommand().replaceAll("`", "");
  return `\
Save this as teleport-discord.yaml on a machine on which you can run tctl, or let
\`teleport-discord init --print-role > teleport-discord.yaml\` write it:

${roleYaml}
Create what it describes, and issue the identity, here for 30 days:

  tctl create -f teleport-discord.yaml
  ${command}

If tctl answers "impersonation is not allowed", it is not on the host of the Auth Service. Then add the
role teleport-discord-impersonator to your own Teleport user, log in again, and repeat the second command;
for YOUR_ROLES write the roles that \`tsh status\` shows, since --set-roles replaces them:

  tctl users update YOUR_NAME --set-roles=YOUR_ROLES,teleport-discord-impersonator
  tsh logout
  tsh login

Copy the file "identity" to this machine. It is a secret.
`;
}
