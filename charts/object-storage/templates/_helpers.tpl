{{- define "object-storage.selector" -}}
app.kubernetes.io/name: object-storage
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "object-storage.labels" -}}
{{ include "object-storage.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "object-storage.image" -}}
{{ required "server is versitygw or minio" (get .Values.images .Values.server) }}
{{- end -}}

{{/* Where buckets lie below the folder: both servers take a folder there for a bucket. */}}
{{- define "object-storage.buckets" -}}
{{ .Values.server }}/buckets
{{- end -}}
