# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# Vince, web analytics

# apps.analytics: release analytics
resource "helm_release" "analytics" {
  name             = "analytics"
  namespace        = "apps-analytics"
  chart            = "${var.charts_dir}/web-app-0.1.0-h8d57d32508.tgz"
  version          = "0.1.0-h8d57d32508"
  timeout          = 300
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/analytics.yaml")]
}
