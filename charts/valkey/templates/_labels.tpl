{{- define "valkey.selector" -}}
app.kubernetes.io/name: valkey
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "valkey.labels" -}}
{{ include "valkey.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
