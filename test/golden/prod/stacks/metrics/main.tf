# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# measurements, dashboards and alerts

# metrics.enabled: release kube-prometheus-stack
resource "helm_release" "kube_prometheus_stack" {
  name             = "kube-prometheus-stack"
  namespace        = "metrics"
  chart            = "${var.charts_dir}/kube-prometheus-stack-88.6.1.tgz"
  version          = "88.6.1"
  timeout          = 900
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/kube-prometheus-stack.yaml")]
}

# metrics.enabled: release alerts
resource "helm_release" "alerts" {
  name             = "alerts"
  namespace        = "metrics"
  chart            = "${var.charts_dir}/alerts-0.1.0-h21ecb8c4be.tgz"
  version          = "0.1.0-h21ecb8c4be"
  timeout          = 300
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/alerts.yaml")]

  depends_on = [
    helm_release.kube_prometheus_stack,
  ]
}
