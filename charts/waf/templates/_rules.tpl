{{- define "waf.rules" -}}
SecRuleEngine {{ .Values.engine }}
SecDefaultAction "phase:1,log,auditlog,pass"
SecDefaultAction "phase:2,log,auditlog,pass"

SecRequestBodyAccess On
SecRequestBodyLimit {{ .Values.requestBodyLimit | int64 }}
# What is no file counts separately, and would be refused at 128 KiB.
SecRequestBodyNoFilesLimit {{ .Values.requestBodyLimit | int64 }}
SecRequestBodyLimitAction Reject
SecRequestBodyJsonDepthLimit 512
SecArgumentsLimit 1000
SecPcreMatchLimit 100000
SecPcreMatchLimitRecursion 100000
# Bodies of answers are not read: the rules for them cost much and find little.
SecResponseBodyAccess Off

SecTmpDir /tmp
SecDataDir /tmp
SecUploadDir /tmp
SecUploadKeepFiles Off
SecTmpSaveUploadedFiles Off
SecArgumentSeparator &
SecCookieFormat 0
SecUnicodeMapFile /etc/modsecurity.d/unicode.mapping 20127
SecStatusEngine Off

# A line of JSON for each request that was refused or would be. Without headers and bodies: passwords are in them.
SecAuditEngine RelevantOnly
SecAuditLogRelevantStatus "^(?:400|403|413)$"
SecAuditLogParts AHZ
SecAuditLogType Serial
SecAuditLogFormat JSON
SecAuditLog /dev/stdout

# Which reader a body gets.
SecRule REQUEST_HEADERS:Content-Type "@rx ^(?:application(?:/soap\+|/)|text/)xml" \
    "id:1000,phase:1,pass,nolog,t:none,t:lowercase,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/(?:[a-z0-9.-]+\+)?json" \
    "id:1001,phase:1,pass,nolog,t:none,t:lowercase,ctl:requestBodyProcessor=JSON"
# What a body's reader does not understand, an app may read in another way.
SecRule REQBODY_ERROR "!@eq 0" \
    "id:1002,phase:2,deny,status:400,log,auditlog,t:none,msg:'The body cannot be read',logdata:'%{REQBODY_ERROR_MSG}',severity:2"
SecRule MULTIPART_STRICT_ERROR "!@eq 0" \
    "id:1003,phase:2,deny,status:400,log,auditlog,t:none,msg:'The parts of the body are not as they should be',severity:2"
SecRule MULTIPART_UNMATCHED_BOUNDARY "@eq 1" \
    "id:1004,phase:2,deny,status:400,log,auditlog,t:none,msg:'The body may have more parts than it says',severity:2"
SecRule &ARGS "@ge 1000" \
    "id:1005,phase:2,deny,status:400,log,auditlog,t:none,msg:'More parameters than are read',severity:2"
SecRule TX:/^MSC_/ "!@streq 0" \
    "id:1006,phase:2,deny,status:403,log,auditlog,t:none,msg:'A rule could not be finished: %{MATCHED_VAR_NAME}',severity:2"

SecAction "id:1100,phase:1,pass,nolog,t:none,\
    setvar:tx.crs_setup_version=4250,\
    setvar:tx.blocking_paranoia_level={{ .Values.paranoia }},\
    setvar:'tx.allowed_methods={{ join " " .Values.methods }}',\
    setvar:'tx.allowed_request_content_type={{ include "waf.bars" .Values.contentTypes }}',\
    setvar:'tx.restricted_headers_basic={{ include "waf.slashes" .Values.restrictedHeaders }}'"
{{ range $index, $exclusion := .Values.exclusions }}
{{ include "waf.exclusion" (dict "id" (add 10000 $index) "exclusion" $exclusion "restrictedHeaders" $.Values.restrictedHeaders) }}
{{- end }}

Include /opt/owasp-crs/rules/*.conf
{{ end -}}

{{/* One exclusion: below a path of a host, more is let through and fewer rules look. */}}
{{- define "waf.exclusion" -}}
{{- $actions := list -}}
{{- $restricted := .restrictedHeaders -}}
{{- $id := .id -}}
{{- with .exclusion -}}
{{- with .methods -}}
{{- $actions = append $actions (printf "setvar:'tx.allowed_methods=%%{tx.allowed_methods} %s'" (join " " .)) -}}
{{- end -}}
{{- with .contentTypes -}}
{{- $actions = append $actions (printf "setvar:'tx.allowed_request_content_type=%%{tx.allowed_request_content_type} %s'" (include "waf.bars" .)) -}}
{{- end -}}
{{- with .headers -}}
{{- range . -}}{{- $restricted = without $restricted . -}}{{- end -}}
{{- $actions = append $actions (printf "setvar:'tx.restricted_headers_basic=%s'" (include "waf.slashes" $restricted)) -}}
{{- end -}}
{{- $fields := .fields -}}
{{- range .tags -}}
{{- $tag := . -}}
{{- range $fields -}}
{{- $actions = append $actions (printf "ctl:ruleRemoveTargetByTag=%s;ARGS:%s" $tag .) -}}
{{- else -}}
{{- range list "ARGS" "ARGS_NAMES" "XML:/*" -}}
{{- $actions = append $actions (printf "ctl:ruleRemoveTargetByTag=%s;%s" $tag .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range .rules -}}
{{- $rule := int . -}}
{{- range $fields -}}
{{- $actions = append $actions (printf "ctl:ruleRemoveTargetById=%d;ARGS:%s" $rule .) -}}
{{- else -}}
{{- $actions = append $actions (printf "ctl:ruleRemoveById=%d" $rule) -}}
{{- end -}}
{{- end -}}
{{- if $actions -}}
# {{ .reason }}
SecRule REQUEST_HEADERS:Host "@rx ^{{ regexQuoteMeta .host }}(?::[0-9]+)?$" \
    "id:{{ $id }},phase:1,pass,nolog,t:none,t:lowercase,chain"
    SecRule REQUEST_FILENAME "@rx {{ .path }}" \
        "t:none,\
        {{ join ",\\\n        " $actions }}"
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "waf.bars" -}}
{{- range $index, $type := . }}{{ if $index }} {{ end }}|{{ $type }}|{{ end -}}
{{- end -}}

{{- define "waf.slashes" -}}
{{- range $index, $name := . }}{{ if $index }} {{ end }}/{{ $name }}/{{ end -}}
{{- end -}}
