{{- define "waf.selector" -}}
app.kubernetes.io/name: waf
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "waf.labels" -}}
{{ include "waf.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
