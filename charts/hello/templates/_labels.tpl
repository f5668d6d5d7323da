{{- define "hello.selector" -}}
app.kubernetes.io/name: hello
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "hello.labels" -}}
{{ include "hello.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
