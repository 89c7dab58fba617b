/**
 * `teleport-discord configure`
 *
 * @module
 */

/**
 * An example of a configuration.
 *
 * With the token and the channel IDs filled in it is valid as it stands.
 */
export const EXAMPLE_CONFIG = `\
# Configuration of teleport-discord, the Teleport access-request plugin for Discord.
# Save it as /etc/teleport-discord.toml; fill in the token and the channel IDs.

[teleport]
# Address of the cluster, as host:port:
#   the Auth Service, port 3025, or the Proxy, port 443 or 3080;
#   in Teleport Cloud "your-account.teleport.sh:443".
# Without a port, 443, 3080 and 3025 are tried; without this key it is "localhost:3025".
# addr = "example.com:443"

# Credentials, the usual way: an identity file. Make it with
#   tctl auth sign --user=teleport-discord --ttl=720h --overwrite --out=/var/lib/teleport/plugins/discord/auth_id
# or let tbot write and renew it. A renewed file is noticed without a restart.
identity = "/var/lib/teleport/plugins/discord/auth_id"
refresh_identity = true
# refresh_identity_interval = "1m"

# Credentials, the other way, instead of an identity file: all three of these.
# client_key = "/var/lib/teleport/plugins/discord/auth.key"
# client_crt = "/var/lib/teleport/plugins/discord/auth.crt"
# root_cas = "/var/lib/teleport/plugins/discord/auth.cas"

# How often all open requests are compared with their messages. Events are handled at once.
# resync_interval = "5m"

# CA file of a load balancer before the Proxy whose certificate a private CA signed.
# web_ca = "/etc/teleport-discord/web-ca.pem"

[discord]
# The bot token, from the Bot page of the application at https://discord.com/developers/applications,
# without the word "Bot" in front of it. Better keep it out of this file: a value with a / in it
# is the path of a file with the token, such as
# token = "/etc/teleport-discord/token"
token = "secret-token"

# Discord user IDs of Teleport users come from [users] below, else from this user trait.
# user_id_trait = "discord_id"
# Tell the requester about reviews and the outcome by direct message.
# notify_requester = false
# What suggested reviewers get: "mention", "dm" or "off".
# notify_suggested_reviewers = "mention"
# Remind of a request that nobody has reviewed for this long, once or several times; empty for never.
# remind_after = ["30m", "2h", "8h"]
# Tell the requester this long before access ends, and show in announcements that it has ended.
# notify_before_end = "15m"
# Make a thread at each announcement, for its reviews and the outcome.
# thread_per_request = false

[role_to_recipients]
# Teleport role = channel ID, or a list of them. For a request each of its roles counts; "*" is for
# every role without a line of its own, and it must be there.
# To copy an ID: Discord settings > Advanced > Developer Mode, then right-click the channel.
# The quotes matter. Threads and forums are channels too; "user:<user ID>" sends a direct message.
# "dev" = "0987654321"
"*" = ["1234567890", "0987654321"]

# Whom else to tell of a request that nobody has decided on; there can be several of these.
# [[escalation]]
# after = "1h"
# roles = ["prod-root"]
# recipients = ["456789012345678901"]
# mentions = ["role:345678901234567890"]

# Whom an announcement mentions: Teleport role = "role:<role ID>" or "user:<user ID>", or a list.
# [role_to_mentions]
# "dev" = "role:123456789012345678"

# Teleport user = Discord user ID
# [users]
# "alice" = "123456789012345678"

# Approve and deny by buttons in Discord, as the Teleport user that a Discord user stands for.
# Read docs/reviewing.md before: it trades Teleport's login for Discord's.
# [review]
# enabled = false
# Verdicts that need a reason: "never", "deny" or "always"
# require_reason = "deny"

# What messages say.
# [messages]
# "en" or "ko", for all; docs/languages.md
# language = "en"
# Not shown: "user", "roles", "reason", "review_reasons", "resources", "logins"; docs/hiding.md
# hide = ["reason"]
# [messages.language_by_recipient]
# "1234567890" = "ko"
# [messages.hide_by_recipient]
# "0987654321" = []

[log]
# "stderr", "stdout", or a file such as "/var/log/teleport-discord/plugin.log"
output = "stderr"
# ERROR, WARN, INFO or DEBUG
severity = "INFO"
# "text" or "json"
# format = "text"

# Health and metrics over HTTP: "host:port" or "unix:/path"; off without this key.
# [http]
# listen = "127.0.0.1:8080"
`;
