# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# Hello, a page that proves the platform works

# apps.hello: release hello
resource "helm_release" "hello" {
  name             = "hello"
  namespace        = "apps-hello"
  chart            = "${var.charts_dir}/hello-0.1.0-h687cb4394b.tgz"
  version          = "0.1.0-h687cb4394b"
  timeout          = 300
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/hello.yaml")]
}
