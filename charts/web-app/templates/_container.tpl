{{/* What any container of a component has. Called with the root, the component and the container's own variables. */}}
{{- define "web-app.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: {{ not .component.writableRoot }}
  capabilities:
    drop: [ALL]
{{- with concat (.component.env | default list) (.env | default list) }}
env:
  {{- range . }}
  - name: {{ .name }}
    {{- if .secret }}
    valueFrom:
      secretKeyRef:
        name: {{ .secret }}
        key: {{ .key }}
    {{- else }}
    value: {{ .value | quote }}
    {{- end }}
  {{- end }}
{{- end }}
{{- with .component.mounts }}
volumeMounts:
  {{- range $index, $mount := . }}
  - mountPath: {{ $mount.path }}
    {{- if $mount.volume }}
    name: {{ $mount.volume }}
    {{- if $mount.subPath }}
    subPath: {{ $mount.subPath }}
    {{- end }}
    {{- else if $mount.file }}
    name: files
    subPath: {{ $mount.file }}
    readOnly: true
    {{- else if $mount.secret }}
    name: secret-{{ $mount.secret }}
    {{- if $mount.key }}
    subPath: {{ $mount.key }}
    {{- end }}
    readOnly: true
    {{- else }}
    name: empty-{{ $index }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* One volume for each thing that is mounted, however often. Called with the root and the component. */}}
{{- define "web-app.volumes" -}}
{{- $seen := dict -}}
{{- range $index, $mount := .component.mounts }}
{{- if $mount.volume }}
{{- if not (hasKey $seen $mount.volume) }}
- name: {{ $mount.volume }}
  persistentVolumeClaim:
    claimName: {{ $mount.volume }}
{{- end }}
{{- $_ := set $seen $mount.volume true }}
{{- else if $mount.file }}
{{- if not (hasKey $seen "files") }}
- name: files
  configMap:
    name: {{ $.root.Release.Name }}
{{- end }}
{{- $_ := set $seen "files" true }}
{{- else if $mount.secret }}
{{- $name := printf "secret-%s" $mount.secret }}
{{- if not (hasKey $seen $name) }}
- name: {{ $name }}
  secret:
    secretName: {{ $mount.secret }}
    defaultMode: 0440
{{- end }}
{{- $_ := set $seen $name true }}
{{- else }}
- name: empty-{{ $index }}
  emptyDir:
    sizeLimit: {{ $mount.empty }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Called with the health of a component, a path and how often it is asked. */}}
{{- define "web-app.probe" -}}
{{- if .health.command }}
exec:
  command:
    {{- toYaml .health.command | nindent 4 }}
{{- else }}
httpGet:
  path: {{ .path }}
  port: http
{{- end }}
timeoutSeconds: 5
{{- end -}}
