{{- define "waf.nginx" -}}
load_module /etc/nginx/modules/ngx_http_modsecurity_module.so;
worker_processes {{ .Values.workers }};
pid /tmp/nginx.pid;
error_log stderr warn;

events {
    worker_connections 4096;
}

http {
    server_tokens off;
    # Traefik writes down every request; here the rules write down what they found.
    access_log off;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    client_body_timeout 60s;
    keepalive_timeout 75s;
    # Tokens in headers are long.
    large_client_header_buffers 8 32k;
    # Refused before it is read; the rules would refuse it after.
    client_max_body_size {{ .Values.requestBodyLimit | int64 }};

    modsecurity on;
    modsecurity_rules_file /etc/waf/modsecurity.conf;

    # Here rather than in a location, where the address would be known only after the rules have looked at the request.
    {{- range .Values.trusted }}
    set_real_ip_from {{ . }};
    {{- end }}
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;

    map $http_upgrade $connection_upgrade {
        default upgrade;
        ''      close;
    }

    server {
        listen 8080 default_server;
        server_name _;
        location / {
            {{- include "waf.proxy" . | nindent 12 }}
        }
    }
{{- range $host, $routes := fromJson (include "waf.streamed" .) }}

    server {
        listen 8080;
        server_name {{ $host }};
        location / {
            {{- include "waf.proxy" $ | nindent 12 }}
        }
        {{- range $routes }}
        # {{ .reason }}
        location ~ {{ .path | quote }} {
            modsecurity off;
            auth_request /.waf/inspect;
            client_max_body_size 0;
            {{- include "waf.proxy" $ | nindent 12 }}
        }
        {{- end }}
        # The same request without its body: ModSecurity would hold the whole of that.
        location = /.waf/inspect {
            internal;
            modsecurity off;
            client_max_body_size 0;
            proxy_method $request_method;
            proxy_pass_request_body off;
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_set_header Content-Length 0;
            proxy_set_header Content-Type "";
            proxy_set_header Transfer-Encoding "";
            proxy_set_header Expect "";
            proxy_set_header X-Content-Type $content_type;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_pass http://127.0.0.1:8090$request_uri;
        }
    }
{{- end }}
{{- if fromJson (include "waf.streamed" .) }}

    # Whoever gets through to the second one has passed the rules of the first.
    server {
        listen 127.0.0.1:8090;
        set_real_ip_from 127.0.0.1;
        real_ip_header X-Real-IP;
        location / {
            proxy_pass http://127.0.0.1:8091;
        }
    }
    server {
        listen 127.0.0.1:8091;
        modsecurity off;
        return 204;
    }
{{- end }}
}
{{- end -}}

{{/* The routes whose bodies are not read, by host. */}}
{{- define "waf.streamed" -}}
{{- $hosts := dict -}}
{{- range .Values.exclusions -}}
{{- if .streamed -}}
{{- $_ := set $hosts .host (append (get $hosts .host | default list) (dict "path" .path "reason" .reason)) -}}
{{- end -}}
{{- end -}}
{{- toJson $hosts -}}
{{- end -}}
