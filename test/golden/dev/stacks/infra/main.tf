# Made by ffops from environments/dev.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# ingress, certificates, DNS records and backups

# ingress.controller: release traefik
resource "helm_release" "traefik" {
  name             = "traefik"
  namespace        = "infra"
  chart            = "${var.charts_dir}/traefik-41.6.0.tgz"
  version          = "41.6.0"
  timeout          = 600
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/traefik.yaml")]
}
