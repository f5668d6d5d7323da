{{- define "postgres.selector" -}}
app.kubernetes.io/name: postgres
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "postgres.labels" -}}
{{ include "postgres.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* A size such as 1536Mi or 20Gi, in mebibytes. */}}
{{- define "postgres.mebibytes" -}}
{{- if not (regexMatch "^[1-9][0-9]*(Mi|Gi|Ti)$" .) -}}
{{- fail (printf "%q is no size such as 512Mi or 20Gi" .) -}}
{{- end -}}
{{- $unit := regexFind "(Mi|Gi|Ti)$" . -}}
{{- mul (trimSuffix $unit . | int64) (get (dict "Mi" 1 "Gi" 1024 "Ti" 1048576) $unit) -}}
{{- end -}}

{{- define "postgres.podSecurity" -}}
runAsNonRoot: true
runAsUser: 999
runAsGroup: 999
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "postgres.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
