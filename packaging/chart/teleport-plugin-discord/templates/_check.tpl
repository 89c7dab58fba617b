{{- /*
Refuses values that cannot work, all of them at once, and says what to write. Every template begins with this: Helm
renders them in an order of its own, and the first that fails is all that an admin sees.
*/ -}}
{{- define "discord.check" -}}
{{- $shape := .Files.Get "files/shape.yaml" | fromYaml -}}
{{- $problems := include "discord.check.shape" (dict "path" "" "values" .Values "shape" $shape) -}}
{{- range $key, $inner := $shape -}}
{{- if and (kindIs "map" $inner) (kindIs "invalid" (index $.Values $key)) (ne $key "crd") -}}
{{- $problems = printf "%s\n%s: expected %s with a value each, found nothing; leave it out" $problems $key (keys $inner | sortAlpha | join ", ") -}}
{{- end -}}
{{- end -}}
{{- /* What it means can be asked where each value is of the right kind. */ -}}
{{- if not (contains ": expected " $problems) -}}
{{- $problems = print $problems "\n" (include "discord.check.meaning" .) -}}
{{- end -}}
{{- $lines := list -}}
{{- range splitList "\n" $problems -}}
{{- if trim . -}}{{- $lines = append $lines (printf "  %s" (trim .)) -}}{{- end -}}
{{- end -}}
{{- if $lines -}}
{{- fail (printf "these values cannot work:\n\n%s\n" (join "\n" $lines)) -}}
{{- end -}}
{{- end -}}

{{- /* Says, a line each, which values the chart does not know, and which are of the wrong kind. */ -}}
{{- define "discord.check.shape" -}}
{{- range $key, $value := .values }}
{{- $path := print $.path $key }}
{{- if not (hasKey $.shape $key) }}
{{ $path }}: there is no such value; there are {{ keys $.shape | sortAlpha | join ", " }}
{{- else if not (kindIs "invalid" $value) }}
{{- include "discord.check.kind" (dict "path" $path "value" $value "shape" (get $.shape $key)) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "discord.check.kind" -}}
{{- $value := .value }}
{{- $isMap := kindIs "map" $value }}
{{- if kindIs "map" .shape }}
{{- if $isMap }}
{{- include "discord.check.shape" (dict "path" (print .path ".") "values" $value "shape" .shape) }}
{{- else if not (and (eq .path "tbot.image") (kindIs "string" $value)) }}
{{ .path }}: expected {{ keys .shape | sortAlpha | join ", " }} with a value each, found {{ include "discord.found" $value }}
{{- end }}
{{- else if eq .shape "map" }}
{{- if not (or $isMap (empty $value)) }}
{{ .path }}: expected keys with a value each, found {{ include "discord.found" $value }}
{{- if kindIs "slice" $value }}; leave out the "-" in front of each key{{ end }}
{{- end }}
{{- else if eq .shape "texts" }}
{{- if not $isMap }}
{{ .path }}: expected keys with a text each, found {{ include "discord.found" $value }}
{{- else }}
{{- range $key, $text := $value }}
{{- if not (kindIs "string" $text) }}
{{ $.path }}.{{ $key }}: expected a text, found {{ include "discord.found" $text }}; write it in quotes
{{- end }}
{{- end }}
{{- end }}
{{- else if and (eq .shape "text") (not (kindIs "string" $value)) }}
{{ .path }}: expected a text, found {{ include "discord.found" $value }}{{ if not (or $isMap (kindIs "slice" $value)) }}; write it in quotes{{ end }}
{{- else if and (eq .shape "flag") (not (kindIs "bool" $value)) }}
{{ .path }}: expected true or false without quotes, found {{ include "discord.found" $value }}
{{- else if and (eq .shape "list") (not (kindIs "slice" $value)) }}
{{ .path }}: expected a list, found {{ include "discord.found" $value }}
{{- else if and (eq .shape "number") (not (include "discord.isWhole" $value)) }}
{{ .path }}: expected a whole number without quotes, found {{ include "discord.found" $value }}
{{- end }}
{{- end -}}

{{- /* How a value is called in a sentence. */ -}}
{{- define "discord.found" -}}
{{- if kindIs "slice" . -}}a list
{{- else if kindIs "map" . -}}keys with values
{{- else if kindIs "invalid" . -}}nothing
{{- else -}}{{ toJson . }}
{{- end -}}
{{- end -}}

{{- define "discord.isNumber" -}}
{{- if or (kindIs "int" .) (kindIs "int64" .) (kindIs "float64" .) -}}yes{{- end -}}
{{- end -}}

{{- define "discord.isWhole" -}}
{{- if include "discord.isNumber" . -}}
{{- if eq (float64 .) (floor .) -}}yes{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Says, a line each, what is wrong with values that are of the right kind. */ -}}
{{- define "discord.check.meaning" -}}
{{- $v := .Values }}
{{- include "discord.check.teleport" . }}
{{- include "discord.check.discord" $v.discord }}
{{- include "discord.check.roles" $v.roleToRecipients }}
{{- include "discord.check.sections" $v.sections }}
{{- include "discord.check.tbot" . }}
{{- $log := default dict $v.log }}
{{- if not (regexMatch "^(?i:error|err|warn|warning|info|debug|trace)$" (default "INFO" $log.severity)) }}
log.severity: expected ERROR, WARN, INFO, DEBUG or TRACE, found {{ toJson $log.severity }}
{{- end }}
{{- if not (has (default "text" $log.format) (list "text" "json")) }}
log.format: expected text or json, found {{ toJson $log.format }}
{{- end }}
{{- if or (lt (int $v.http.port) 1) (gt (int $v.http.port) 65535) }}
http.port: expected a port from 1 to 65535, found {{ include "discord.found" $v.http.port }}
{{- end }}
{{- if or (kindIs "invalid" $v.replicas) (lt (int $v.replicas) 0) }}
replicas: expected 0 or more, found {{ include "discord.found" $v.replicas }}
{{- end }}
{{- range $path, $policy := dict "image.pullPolicy" (default dict $v.image).pullPolicy "tbot.imagePullPolicy" $v.tbot.imagePullPolicy }}
{{- if not (has (default "Always" $policy) (list "Always" "IfNotPresent" "Never")) }}
{{ $path }}: expected Always, IfNotPresent or Never, found {{ toJson $policy }}
{{- end }}
{{- end }}
{{- range $v.networkPolicy.egressPorts }}
{{- if not (include "discord.isWhole" .) }}
networkPolicy.egressPorts: expected ports such as 3128, without quotes, found {{ include "discord.found" . }}
{{- end }}
{{- end }}
{{- if and $v.crd $v.crd.create }}
crd.create: this chart makes no resources for Teleport's operator; make the bot and its join token yourself, as docs/kubernetes.md shows, and leave crd out
{{- end }}
{{- end -}}

{{- define "discord.check.teleport" -}}
{{- $v := .Values }}
{{- range $path, $address := dict "teleport.address" $v.teleport.address "tbot.teleportProxyAddress" $v.tbot.teleportProxyAddress "tbot.teleportAuthAddress" $v.tbot.teleportAuthAddress }}
{{- include "discord.check.address" (dict "path" $path "address" (default "" $address)) }}
{{- end }}
{{- if not $v.tbot.enabled }}
{{- if not $v.teleport.address }}
teleport.address: write host and port of the Proxy or the Auth Service, such as "teleport.example.com:443"
{{- end }}
{{- if not $v.teleport.identitySecretName }}
teleport.identitySecretName: write the name of the secret with the identity file, or let tbot make it: tbot.enabled=true
{{- end }}
{{- if not $v.teleport.identitySecretPath }}
teleport.identitySecretPath: write the key of the identity file within the secret, such as "auth_id"
{{- end }}
{{- end }}
{{- include "discord.check.settings" (dict "path" "teleport.settings" "settings" $v.teleport.settings "taken" (list "addr" "identity" "refresh_identity")) }}
{{- end -}}

{{- define "discord.check.address" -}}
{{- if and .address (not (regexMatch "^(\\[[0-9A-Fa-f:.]+\\]|[^\\s:/@\\[\\]]+)(:[0-9]+)?$" .address)) }}
{{- $host := regexReplaceAll "^[A-Za-z]+://([^/\\s]+).*$" .address "${1}" }}
{{- $isUrl := ne $host .address }}
{{ .path }}: expected host and port such as "teleport.example.com:443", found {{ toJson .address }}
{{- if $isUrl }}; write it without the scheme: {{ ternary $host (print $host ":443") (contains ":" $host) | toJson }}{{ end }}
{{- end }}
{{- end -}}

{{- define "discord.check.discord" -}}
{{- if not (or .token .tokenFromSecret) }}
discord.tokenFromSecret: write the name of the secret with the bot token, or the token itself as discord.token
{{- else if and .token (not .tokenFromSecret) (regexMatch "(?i)^\\s*Bot\\s" .token) }}
discord.token: write the token alone, without "Bot" in front of it
{{- else if and .token (not .tokenFromSecret) (regexMatch "\\s" .token) }}
discord.token: remove the blanks and line ends; a token has none
{{- end }}
{{- if not .tokenSecretPath }}
discord.tokenSecretPath: write the key of the token within the secret, such as "discordToken"
{{- end }}
{{- include "discord.check.settings" (dict "path" "discord.settings" "settings" .settings "taken" (list "token")) }}
{{- end -}}

{{- define "discord.check.roles" -}}
{{- $example := "\"*\": [\"123456789012345678\"]" }}
{{- if empty . }}
roleToRecipients: write who is told, at least for every role without a line of its own: {{ $example }}, with the ID of a Discord channel
{{- else if kindIs "invalid" (index . "*") }}
roleToRecipients: write who is told of every role without a line of its own: {{ $example }}, with the ID of a Discord channel
{{- end }}
{{- include "discord.check.names" (dict "path" "roleToRecipients" "what" "role" "map" (ternary . dict (kindIs "map" .))) }}
{{- range $role, $recipients := . }}
{{- $path := printf "roleToRecipients.%s" (toJson $role) }}
{{- if and (eq $role "*") (kindIs "slice" $recipients) (empty $recipients) }}
{{ $path }}: write the ID of at least one Discord channel: ["123456789012345678"]
{{- end }}
{{- include "discord.check.ids" (dict "path" $path "ids" $recipients "pattern" "^(user:)?[0-9]{17,20}$" "expected" "the ID of a Discord channel, or \"user:\" and the ID of a user") }}
{{- end }}
{{- end -}}

{{- /* YAML takes on, yes and y as true, and off, no and n as false, in keys too; then Helm makes texts of them. */ -}}
{{- define "discord.check.names" -}}
{{- range list "true" "false" }}
{{- if hasKey $.map . }}
{{ $.path }}: a {{ $.what }} is named {{ . }} here, which is what YAML makes of {{ if eq . "true" }}on, yes and y{{ else }}off, no and n{{ end }}: quote it, such as {{ if eq . "true" }}"on"{{ else }}"no"{{ end }}: …
{{- end }}
{{- end }}
{{- end -}}

{{- /* Checks one ID, or a list of them. */ -}}
{{- define "discord.check.ids" -}}
{{- if kindIs "invalid" .ids }}
{{ .path }}: expected {{ .expected }}, found nothing
{{- else if kindIs "map" .ids }}
{{ .path }}: expected {{ .expected }}, found keys with values
{{- else }}
{{- range ternary .ids (list .ids) (kindIs "slice" .ids) }}
{{- if include "discord.isNumber" . }}
{{ $.path }}: expected {{ $.expected }} in quotes, as without them it loses digits; with --set, use --set-string
{{- else if not (kindIs "string" .) }}
{{ $.path }}: expected {{ $.expected }}, found {{ include "discord.found" . }}
{{- else if not (regexMatch $.pattern .) }}
{{ $.path }}: expected {{ $.expected }}, found {{ toJson . }}; an ID has 17 to 20 digits, Discord's "Copy Channel ID" and "Copy User ID" give it
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "discord.check.sections" -}}
{{- $elsewhere := dict "teleport" "teleport.settings" "discord" "discord.settings" "role_to_recipients" "roleToRecipients" "log" "log" "http" "http.port" }}
{{- range $name, $keys := . }}
{{- $path := printf "sections.%s" $name }}
{{- if hasKey $elsewhere $name }}
{{ $path }}: the chart writes this section itself; what you want to say in it belongs to {{ get $elsewhere $name }}
{{- else if not (regexMatch "^[A-Za-z0-9_-]+$" $name) }}
{{ $path }}: expected the name of a section of the configuration, such as users
{{- else if eq $name "escalation" }}
{{- include "discord.check.escalations" (dict "path" $path "list" $keys) }}
{{- else if not (or (kindIs "map" $keys) (empty $keys)) }}
{{ $path }}: expected keys with a value each, found {{ include "discord.found" $keys }}
{{- else if empty $keys }}
{{- else if eq $name "users" }}
{{- include "discord.check.names" (dict "path" $path "what" "user" "map" $keys) }}
{{- range $user, $id := $keys }}
{{- include "discord.check.ids" (dict "path" (printf "%s.%s" $path (toJson $user)) "ids" $id "pattern" "^[0-9]{17,20}$" "expected" "the ID of a Discord user") }}
{{- end }}
{{- else if eq $name "role_to_mentions" }}
{{- include "discord.check.names" (dict "path" $path "what" "role" "map" $keys) }}
{{- range $role, $mentions := $keys }}
{{- include "discord.check.ids" (dict "path" (printf "%s.%s" $path (toJson $role)) "ids" $mentions "pattern" "^(role|user):[0-9]{17,20}$" "expected" "\"role:\" or \"user:\" and an ID") }}
{{- end }}
{{- else if eq $name "messages" }}
{{- $tables := list "language_by_recipient" "hide_by_recipient" }}
{{- range $key, $value := $keys }}
{{- if has $key $tables }}
{{- include "discord.check.byRecipient" (dict "path" (printf "%s.%s" $path $key) "map" $value) }}
{{- else }}
{{- include "discord.check.settings" (dict "path" $path "settings" (dict $key $value) "taken" list) }}
{{- end }}
{{- end }}
{{- else }}
{{- include "discord.check.settings" (dict "path" $path "settings" $keys "taken" list) }}
{{- if and (eq $name "review") (not (has (default "never" $keys.require_reason) (list "never" "deny" "always"))) }}
{{ $path }}.require_reason: expected never, deny or always, found {{ include "discord.found" $keys.require_reason }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Checks settings by recipient. */ -}}
{{- define "discord.check.byRecipient" -}}
{{- if not (kindIs "map" .map) }}
{{ .path }}: expected recipients with a value each, found {{ include "discord.found" .map }}
{{- else }}
{{- range $recipient, $value := .map }}
{{- include "discord.check.ids" (dict "path" $.path "ids" $recipient "pattern" "^(user:)?[0-9]{17,20}$" "expected" "the ID of a Discord channel, or \"user:\" and the ID of a user") }}
{{- end }}
{{- include "discord.check.settings" (dict "path" .path "settings" .map "taken" list) }}
{{- end }}
{{- end -}}

{{- /* Checks keys of the configuration that the chart passes on. */ -}}
{{- define "discord.check.escalations" -}}
{{- if not (or (kindIs "slice" .list) (empty .list)) }}
{{ .path }}: expected a list, each item with after and recipients; found {{ include "discord.found" .list }}
{{- else }}
{{- range $i, $each := .list }}
{{- $path := printf "%s[%d]" $.path $i }}
{{- if not (kindIs "map" $each) }}
{{ $path }}: expected after, recipients and what else there is to say, found {{ include "discord.found" $each }}
{{- else }}
{{- include "discord.check.settings" (dict "path" $path "settings" (omit $each "recipients" "mentions") "taken" list) }}
{{- include "discord.check.ids" (dict "path" (printf "%s.recipients" $path) "ids" $each.recipients "pattern" "^(user:)?[0-9]{17,20}$" "expected" "the ID of a Discord channel, or \"user:\" and the ID of a user") }}
{{- with $each.mentions }}
{{- include "discord.check.ids" (dict "path" (printf "%s.mentions" $path) "ids" . "pattern" "^(role|user):[0-9]{17,20}$" "expected" "\"role:\" or \"user:\" and an ID") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "discord.check.settings" -}}
{{- range $key, $value := .settings }}
{{- if has $key $.taken }}
{{ $.path }}.{{ $key }}: the chart writes this key itself
{{- else }}
{{- range ternary $value (list $value) (kindIs "slice" $value) }}
{{- if not (or (kindIs "string" .) (kindIs "bool" .) (include "discord.isWhole" .)) }}
{{ $.path }}.{{ $key }}: expected a text, true or false, a whole number, or a list of these; found {{ include "discord.found" . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "discord.check.tbot" -}}
{{- $tbot := .Values.tbot }}
{{- if $tbot.enabled }}
{{- if not $tbot.clusterName }}
tbot.clusterName: write the name of the Teleport cluster, as `tctl status` says it
{{- end }}
{{- if and $tbot.teleportProxyAddress $tbot.teleportAuthAddress }}
tbot: write one of teleportProxyAddress and teleportAuthAddress, not both
{{- else if not (or $tbot.teleportProxyAddress $tbot.teleportAuthAddress) }}
tbot.teleportProxyAddress: write host and port of the Proxy, such as "teleport.example.com:443", or those of the Auth Service as tbot.teleportAuthAddress
{{- end }}
{{- $method := default "kubernetes" $tbot.joinMethod }}
{{- $works := list "kubernetes" "iam" "azure" "gcp" }}
{{- if not (has $method $works) }}
tbot.joinMethod: {{ toJson $method }} cannot work here: {{ if has $method (list "token" "bound_keypair") -}}
a pod that is replaced would have to join anew with what was used up
{{- else -}}
tbot does not know it, or it is for what runs elsewhere than in a pod
{{- end }}; these work: {{ join ", " $works }}
{{- end }}
{{- if and $tbot.defaultOutput (eq (toString $tbot.defaultOutput.enabled) "false") }}
tbot.defaultOutput.enabled: leave it out; it is what the plugin reads its identity from
{{- end }}
{{- if $tbot.customConfig }}
tbot.customConfig: write what you add or change as tbot.tbotConfig; the output that the plugin reads has to stay
{{- end }}
{{- range $key, $instead := dict "imagePullSecrets" "imagePullSecrets" "nodeSelector" "nodeSelector" "tolerations" "tolerations" "affinity" "affinity" }}
{{- if get $tbot $key }}
tbot.{{ $key }}: tbot runs in the pod of the plugin; write it as {{ $instead }}
{{- end }}
{{- end }}
{{- range $key, $instead := dict "annotations" "annotations" "extraLabels" "podLabels" }}
{{- range $object, $texts := default dict (get $tbot $key) }}
{{- if $texts }}
tbot.{{ $key }}.{{ $object }}: tbot runs in the pod of the plugin and has no objects of its own; use {{ $instead }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
