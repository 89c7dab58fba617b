{{- define "discord.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "discord.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "discord.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "discord.selectorLabels" -}}
app.kubernetes.io/name: {{ include "discord.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "discord.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "discord.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "discord.address" -}}
{{- coalesce .Values.teleport.address .Values.tbot.teleportProxyAddress .Values.tbot.teleportAuthAddress -}}
{{- end -}}

{{- define "discord.tokenSecret" -}}
{{- default (printf "%s-secret" (include "discord.fullname" .)) .Values.discord.tokenFromSecret -}}
{{- end -}}

{{- /* Name of the service account; empty for the default one. */ -}}
{{- define "discord.serviceAccount" -}}
{{- $tbot := default dict .Values.tbot.serviceAccount -}}
{{- $own := and .Values.tbot.enabled (ne (toString $tbot.create) "false") -}}
{{- coalesce .Values.serviceAccount.name $tbot.name (ternary (include "discord.fullname" .) "" $own) | default "" -}}
{{- end -}}

{{- /* Whether the chart makes the service account. */ -}}
{{- define "discord.makesServiceAccount" -}}
{{- $tbot := default dict .Values.tbot.serviceAccount -}}
{{- if and .Values.tbot.enabled (not .Values.serviceAccount.name) (ne (toString $tbot.create) "false") -}}
yes
{{- end -}}
{{- end -}}

{{- /* The image of tbot; Teleport's own chart has its name as a text, and the version apart from it. */ -}}
{{- define "discord.tbotImage" -}}
{{- $tbot := .Values.tbot -}}
{{- $image := $tbot.image -}}
{{- if kindIs "string" $image -}}
{{- $image = dict "repository" $image -}}
{{- end -}}
{{- printf "%s:%s" $image.repository (coalesce $tbot.teleportVersionOverride $image.tag "18") -}}
{{- end -}}

{{- define "discord.tbotPullPolicy" -}}
{{- $image := .Values.tbot.image -}}
{{- if kindIs "string" $image -}}
{{- $image = dict -}}
{{- end -}}
{{- coalesce .Values.tbot.imagePullPolicy $image.pullPolicy "IfNotPresent" -}}
{{- end -}}

{{- define "discord.tbotConfig" -}}
{{- $tbot := .Values.tbot -}}
version: v2
{{- if $tbot.teleportProxyAddress }}
proxy_server: {{ toJson $tbot.teleportProxyAddress }}
{{- else }}
auth_server: {{ toJson $tbot.teleportAuthAddress }}
{{- end }}
onboarding:
  join_method: {{ default "kubernetes" $tbot.joinMethod }}
  token: {{ default "teleport-plugin-discord" $tbot.token | toJson }}
storage:
  type: memory
services:
  - type: identity
    destination:
      type: directory
      path: /var/lib/teleport/plugins/discord
  {{- with concat (default list $tbot.outputs) (default list $tbot.services) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* Keys and values as TOML; a JSON string, number, boolean or list of these is one of TOML as well. */ -}}
{{- define "discord.toml" -}}
{{- range $key, $value := . }}
{{- if kindIs "map" $value }}
{{- range $inner, $each := $value }}
{{ printf "%s.%s = %s" (toJson $key) (toJson $inner) (toJson $each) }}
{{- end }}
{{- else }}
{{ printf "%s = %s" (toJson $key) (toJson $value) }}
{{- end }}
{{- end -}}
{{- end -}}
