{{- define "web-app.release" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* Called with the root and the name of a component. */}}
{{- define "web-app.selector" -}}
app.kubernetes.io/name: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "web-app.labels" -}}
{{ include "web-app.selector" . }}
{{ include "web-app.release" .root }}
{{- end -}}
