# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# Twenty, customer relations

# apps.twenty: release twenty-valkey
resource "helm_release" "twenty_valkey" {
  name             = "twenty-valkey"
  namespace        = "apps-twenty"
  chart            = "${var.charts_dir}/valkey-0.1.0-h747c0d620a.tgz"
  version          = "0.1.0-h747c0d620a"
  timeout          = 300
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/twenty-valkey.yaml")]
}

# apps.twenty: release twenty
resource "helm_release" "twenty" {
  name             = "twenty"
  namespace        = "apps-twenty"
  chart            = "${var.charts_dir}/web-app-0.1.0-h8d57d32508.tgz"
  version          = "0.1.0-h8d57d32508"
  timeout          = 900
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/twenty.yaml")]

  depends_on = [
    helm_release.twenty_valkey,
  ]
}
