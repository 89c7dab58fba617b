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

{{- define "discord.serviceAccount" -}}
{{- if .Values.serviceAccount.name -}}
{{- .Values.serviceAccount.name -}}
{{- else if .Values.tbot.enabled -}}
{{- include "discord.fullname" . -}}
{{- end -}}
{{- end -}}

{{- /* Keys and values as TOML; a JSON string, number, boolean or list of these is one of TOML as well. */ -}}
{{- define "discord.toml" -}}
{{- range $key, $value := . }}
{{ printf "%s = %s" (toJson $key) (toJson $value) }}
{{- end -}}
{{- end -}}
