{{/* Hands a request on as it came. Traefik ended TLS before; what it says of the client goes on unchanged. */}}
{{- define "waf.proxy" -}}
proxy_http_version 1.1;
proxy_set_header Host $http_host;
proxy_set_header Proxy "";
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $connection_upgrade;
proxy_set_header X-Real-IP $remote_addr;
proxy_buffering off;
proxy_request_buffering off;
proxy_connect_timeout 10s;
proxy_read_timeout 3600s;
proxy_send_timeout 3600s;
proxy_redirect off;
proxy_pass {{ required "backend.url" .Values.backend.url }};
{{- end -}}
