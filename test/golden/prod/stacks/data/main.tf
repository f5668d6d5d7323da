# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# databases

# databases.postgres: release postgres
resource "helm_release" "postgres" {
  name             = "postgres"
  namespace        = "data"
  chart            = "${var.charts_dir}/postgres-0.1.0-h09954f474a.tgz"
  version          = "0.1.0-h09954f474a"
  timeout          = 900
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/postgres.yaml")]
}

# databases.mariadb: release mariadb
resource "helm_release" "mariadb" {
  name             = "mariadb"
  namespace        = "data"
  chart            = "${var.charts_dir}/mariadb-0.1.0-h57c23ac7e3.tgz"
  version          = "0.1.0-h57c23ac7e3"
  timeout          = 900
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [file("${path.module}/values/mariadb.yaml")]
}

# backups.enabled: release dumps
resource "helm_release" "dumps" {
  name             = "dumps"
  namespace        = "data"
  chart            = "${var.charts_dir}/dumps-0.1.0-hfd81fad148.tgz"
  version          = "0.1.0-hfd81fad148"
  timeout          = 300
  wait             = true
  max_history      = 5
  create_namespace = false

  values = [
    templatefile("${path.module}/values/dumps.yaml", {
      dumps_s3_url = var.dumps_s3_url
    })
  ]

  depends_on = [
    helm_release.mariadb,
    helm_release.postgres,
  ]
}
