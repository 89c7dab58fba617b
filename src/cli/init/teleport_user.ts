/**
 * What the plugin needs in Teleport, as text for an administrator: a role, a user, an identity.
 *
 * @module
 */

import { signCommand } from "../../ports/admin_hints.ts";

/** Role and user of the plugin, and a role for those who issue its identity; README and the guide show the same. */
export const ROLE_YAML = `\
kind: role
version: v7
metadata:
  name: teleport-discord
spec:
  options:
    # Longest time for which an identity can be issued.
    max_session_ttl: 720h
  allow:
    rules:
      # See requests, and list those that were made while the plugin was down.
      - resources: [access_request]
        verbs: [list, read]
      # Remember which message belongs to which request.
      - resources: [access_plugin_data]
        verbs: [update]
      # Optional: let access monitoring rules say who is told.
      - resources: [access_monitoring_rule]
        verbs: [list, read]
      # Optional: show the logins that a requested role allows the requester;
      # conditions on the traits of the requester.
      - resources: [role, user, user_login_state]
        verbs: [read]
---
kind: user
version: v2
metadata:
  name: teleport-discord
spec:
  roles: [teleport-discord]
---
# For people who issue the identity from another machine than the Auth Service's.
kind: role
version: v7
metadata:
  name: teleport-discord-impersonator
spec:
  allow:
    impersonate:
      users: [teleport-discord]
      roles: [teleport-discord]
`;

/** Returns what to do in Teleport before there is an identity. */
export function howToMakeIdentity(): string {
  const command = signCommand().replaceAll("`", "");
  return `\
Save this as teleport-discord.yaml on a machine on which you can run tctl, or let
\`teleport-discord init --print-role > teleport-discord.yaml\` write it:

${ROLE_YAML}
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
