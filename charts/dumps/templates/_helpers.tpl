{{- define "dumps.selector" -}}
app.kubernetes.io/name: dumps
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "dumps.labels" -}}
{{ include "dumps.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* Both containers as one user, who may then read and write the pipes between them. */}}
{{- define "dumps.podSecurity" -}}
runAsNonRoot: true
runAsUser: 999
runAsGroup: 999
fsGroup: 999
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "dumps.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "dumps.mounts" -}}
- name: scripts
  mountPath: /scripts
  readOnly: true
- name: exchange
  mountPath: /exchange
- name: temporary
  mountPath: /tmp
{{- end -}}

{{/* The container beside a database's tools. Its first argument is what store.sh is to do. */}}
{{- define "dumps.store" -}}
image: {{ .root.Values.store.image | quote }}
securityContext:
  {{- include "dumps.containerSecurity" .root | nindent 2 }}
env:
  - name: EXCHANGE
    value: /exchange
  - name: HOME
    value: /tmp
  - name: RETENTION_DAYS
    value: {{ .root.Values.retentionDays | quote }}
  - name: ENVIRONMENT
    value: {{ required "environment" .root.Values.environment | quote }}
  - name: DUMPS
    value: dumps:{{ .engine.engine }}
  - name: RCLONE_CONFIG_DUMPS_TYPE
    value: crypt
  - name: RCLONE_CONFIG_DUMPS_REMOTE
    value: bucket:{{ required "store.bucket" .root.Values.store.bucket }}/{{ .root.Values.store.prefix }}
  # The content is encrypted; names are but moments and numbers, and stay legible.
  - name: RCLONE_CONFIG_DUMPS_FILENAME_ENCRYPTION
    value: "off"
  - name: RCLONE_CONFIG_DUMPS_DIRECTORY_NAME_ENCRYPTION
    value: "false"
  - name: RCLONE_CONFIG_DUMPS_SUFFIX
    value: none
  - name: RCLONE_CONFIG_BUCKET_TYPE
    value: s3
  - name: RCLONE_CONFIG_BUCKET_PROVIDER
    value: Other
  - name: RCLONE_CONFIG_BUCKET_ENDPOINT
    value: {{ required "store.endpoint" .root.Values.store.endpoint | quote }}
  - name: RCLONE_CONFIG_BUCKET_REGION
    value: {{ .root.Values.store.region | quote }}
  # The bucket is another stack's to make.
  - name: RCLONE_CONFIG_BUCKET_NO_CHECK_BUCKET
    value: "true"
  - name: RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID
    valueFrom:
      secretKeyRef:
        name: {{ .root.Values.store.secret }}
        key: accessKey
  - name: RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY
    valueFrom:
      secretKeyRef:
        name: {{ .root.Values.store.secret }}
        key: secretKey
  - name: DUMPS_KEY
    valueFrom:
      secretKeyRef:
        name: {{ .root.Values.store.secret }}
        key: dumpsKey
resources:
  {{- toYaml .root.Values.storeResources | nindent 2 }}
volumeMounts:
  {{- include "dumps.mounts" .root | nindent 2 }}
{{- end -}}

{{/* The container with a database's own tools. */}}
{{- define "dumps.database" -}}
image: {{ .engine.image | quote }}
securityContext:
  {{- include "dumps.containerSecurity" .root | nindent 2 }}
env:
  - name: EXCHANGE
    value: /exchange
  - name: HOME
    value: /tmp
  - name: ENVIRONMENT
    value: {{ required "environment" .root.Values.environment | quote }}
  {{- if eq .engine.engine "postgres" }}
  - name: PGHOST
    value: {{ .engine.host }}
  - name: PGUSER
    value: {{ .engine.administrator.user }}
  - name: PGPASSWORD
  {{- else }}
  - name: DB_HOST
    value: {{ .engine.host }}
  - name: DB_USER
    value: {{ .engine.administrator.user }}
  - name: MYSQL_PWD
  {{- end }}
    valueFrom:
      secretKeyRef:
        name: {{ .engine.administrator.secret }}
        key: {{ .engine.administrator.key }}
  {{- if eq .engine.engine "postgres" }}
  - name: PGSSLMODE
    value: verify-full
  - name: PGSSLROOTCERT
  {{- else }}
  - name: DB_CA
  {{- end }}
    value: /certificate/{{ .engine.certificate.key }}
resources:
  {{- toYaml .root.Values.resources | nindent 2 }}
volumeMounts:
  {{- include "dumps.mounts" .root | nindent 2 }}
  - name: certificate
    mountPath: /certificate
    readOnly: true
{{- end -}}

{{- define "dumps.volumes" -}}
- name: scripts
  configMap:
    name: {{ .root.Release.Name }}
- name: exchange
  emptyDir: {}
- name: temporary
  emptyDir: {}
- name: certificate
  secret:
    secretName: {{ .engine.certificate.secret }}
    items:
      - key: {{ .engine.certificate.key }}
        path: {{ .engine.certificate.key }}
{{- end -}}
