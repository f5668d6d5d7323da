# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# ingress, certificates, DNS records and backups

# metrics.enabled: release prometheus-crds
resource "helm_release" "prometheus_crds" {
  name             = "prometheus-crds"
  namespace        = "infra"
  chart            = "${var.charts_dir}/prometheus-operator-crds-31.0.1.tgz"
  version          = "31.0.1"
  timeout          = 300
  wait             = true
  max_history      = 5
  create_namespace = false
}

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

  depends_on = [
    helm_release.prometheus_crds,
  ]
}

# ingress.waf: release waf
resource "helm_release" "waf" {
  name             = "waf"
  namespace        = "infra"
  chart            = "${var.charts_dir}/waf-0.1.0-h8553e512f4.tgz"
  version          = "0.1.0-h8553e512f4"
  timeout          = 600
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/waf.yaml")]

  depends_on = [
    helm_release.traefik,
  ]
}

# tls.issuer: release cert-manager
resource "helm_release" "cert_manager" {
  name             = "cert-manager"
  namespace        = "infra"
  chart            = "${var.charts_dir}/cert-manager-v1.21.2.tgz"
  version          = "v1.21.2"
  timeout          = 600
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/cert-manager.yaml")]

  depends_on = [
    helm_release.prometheus_crds,
  ]
}

# tls.issuer: release cluster-issuers
resource "helm_release" "cluster_issuers" {
  name             = "cluster-issuers"
  namespace        = "infra"
  chart            = "${var.charts_dir}/cluster-issuers-0.1.0-h67bb685500.tgz"
  version          = "0.1.0-h67bb685500"
  timeout          = 300
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [
    templatefile("${path.module}/values/cluster-issuers.yaml", {
      acme_server = var.acme_server
    })
  ]

  depends_on = [
    helm_release.cert_manager,
  ]
}

# dns.provider: release external-dns
resource "helm_release" "external_dns" {
  name             = "external-dns"
  namespace        = "infra"
  chart            = "${var.charts_dir}/external-dns-1.19.0.tgz"
  version          = "1.19.0"
  timeout          = 300
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/external-dns.yaml")]

  depends_on = [
    helm_release.prometheus_crds,
  ]
}

# backups.enabled: release velero
resource "helm_release" "velero" {
  name             = "velero"
  namespace        = "infra"
  chart            = "${var.charts_dir}/velero-12.2.0.tgz"
  version          = "12.2.0"
  timeout          = 600
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [
    templatefile("${path.module}/values/velero.yaml", {
      velero_s3_url = var.velero_s3_url
    })
  ]

  depends_on = [
    helm_release.prometheus_crds,
  ]
}
