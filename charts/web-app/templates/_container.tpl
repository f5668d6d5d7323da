{{/* What any container has. Called with whether its files may be changed, its variables, its mounts, and where those are named. */}}
{{- define "web-app.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: {{ not .writableRoot }}
  capabilities:
    drop: [ALL]
{{- $last := dict }}
{{- range $index, $variable := .env }}
{{- $_ := set $last $variable.name $index }}
{{- end }}
{{- with .env }}
env:
  {{- range $index, $variable := . }}
  {{- /* What is said last counts. */}}
  {{- if eq $index (get $last $variable.name) }}
  - name: {{ $variable.name }}
    {{- if $variable.secret }}
    valueFrom:
      secretKeyRef:
        name: {{ $variable.secret }}
        key: {{ $variable.key }}
    {{- else }}
    value: {{ $variable.value | quote }}
    {{- end }}
  {{- end }}
  {{- end }}
{{- end }}
{{- with .mounts }}
volumeMounts:
  {{- range $index, $mount := . }}
  - mountPath: {{ $mount.path }}
    {{- if $mount.volume }}
    name: {{ $mount.volume }}
    {{- with $mount.subPath }}
    subPath: {{ . }}
    {{- end }}
    {{- else if $mount.file }}
    name: files
    subPath: {{ $mount.file }}
    readOnly: true
    {{- else if $mount.secret }}
    name: secret-{{ $mount.secret }}
    {{- with $mount.key }}
    subPath: {{ . }}
    {{- end }}
    readOnly: true
    {{- else }}
    name: {{ $.named }}-{{ $index }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* One volume for each thing that is mounted, however often. Called with the root and the component. */}}
{{- define "web-app.volumes" -}}
{{- $volumes := dict -}}
{{- $containers := list .component -}}
{{- range .component.beside }}
{{- $containers = append $containers . }}
{{- end }}
{{- range $container := $containers }}
{{- range $index, $mount := $container.mounts }}
{{- if $mount.volume }}
{{- $_ := set $volumes $mount.volume (dict "persistentVolumeClaim" (dict "claimName" $mount.volume)) }}
{{- else if $mount.file }}
{{- $_ := set $volumes "files" (dict "configMap" (dict "name" $.root.Release.Name)) }}
{{- else if $mount.secret }}
{{- $_ := set $volumes (printf "secret-%s" $mount.secret) (dict "secret" (dict "secretName" $mount.secret "defaultMode" 288)) }}
{{- else }}
{{- $_ := set $volumes (printf "%s-%d" $container.name $index) (dict "emptyDir" (dict "sizeLimit" $mount.empty)) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $source := $volumes }}
- name: {{ $name }}
  {{- toYaml $source | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Volumes that each pod begins with empty, which a backup would only keep the remains of. Called with the component. */}}
{{- define "web-app.scratch" -}}
{{- $names := list -}}
{{- $containers := list . -}}
{{- range .beside }}
{{- $containers = append $containers . }}
{{- end }}
{{- range $container := $containers }}
{{- range $index, $mount := $container.mounts }}
{{- if not (or $mount.volume $mount.file $mount.secret) }}
{{- $names = append $names (printf "%s-%d" $container.name $index) }}
{{- end }}
{{- end }}
{{- end }}
{{- join "," $names }}
{{- end -}}

{{/* Called with the health of a component and a path. */}}
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
