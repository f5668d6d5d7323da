# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# Zot, a registry of images

# apps.registry: release registry
resource "helm_release" "registry" {
  name             = "registry"
  namespace        = "apps-registry"
  chart            = "${var.charts_dir}/web-app-0.1.0-h8d57d32508.tgz"
  version          = "0.1.0-h8d57d32508"
  timeout          = 300
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/registry.yaml")]
}
