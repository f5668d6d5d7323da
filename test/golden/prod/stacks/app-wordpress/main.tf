# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# WordPress, the site at the root domain

# apps.wordpress: release wordpress
resource "helm_release" "wordpress" {
  name             = "wordpress"
  namespace        = "apps-wordpress"
  chart            = "${var.charts_dir}/web-app-0.1.0-h8d57d32508.tgz"
  version          = "0.1.0-h8d57d32508"
  timeout          = 600
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/wordpress.yaml")]
}
