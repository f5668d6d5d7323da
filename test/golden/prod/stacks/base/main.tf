# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# What outlives clusters: the project, the domain with its mail records, and the buckets.

# platform: groups everything of this environment in the control panel.
resource "digitalocean_project" "main" {
  name        = "fullfrontend-prod"
  description = "fullfrontend.be, environment prod"
  purpose     = "Service or API"
  environment = "Production"
}

# rootDomain: the zone that external-dns adds the records of apps to.
resource "digitalocean_domain" "root" {
  # Without ffops, nothing asks before its data is lost. Who runs tofu by hand adds: lifecycle { prevent_destroy = true }
  name = "fullfrontend.be"
}

# mail.mx: who receives mail for the domain, and in which order.
resource "digitalocean_record" "mx" {
  for_each = {
    "mx1.fullfrontend.be." = 10
    "mx2.fullfrontend.be." = 20
  }

  domain   = digitalocean_domain.root.name
  type     = "MX"
  name     = "@"
  value    = each.key
  priority = each.value
  ttl      = 300
}

# mail.spf: who may send mail for the domain.
resource "digitalocean_record" "spf" {
  domain = digitalocean_domain.root.name
  type   = "TXT"
  name   = "@"
  value  = "v=spf1 mx -all"
  ttl    = 300
}

# mail.dkim: the public keys that prove who signed a mail.
resource "digitalocean_record" "dkim" {
  for_each = {
    "mail._domainkey" = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArQc5TziqSo64DvrBlLfAR0Gs9FPb+tlWyukVrxaAWdUj1DtKC9Q/nK8fgVAIbUdjz9owz7qma4IGb5PGCfG0uP3JdGoyp8eNB67ZO0V/eUwyr5l9bbzzf653L+0plxxmsqm0Xu8iPglMMzL7j/r/A6R/sKMxYfLI94dHrwAlFy0KaQ9X9gV77QkbI9aFaObzZWOo1L71kGeaAQzo966EXdHRreW5I5zbNgrVWCTWMLghBlePTR3Dbzkj3r1uW84g2U4V6KkYDZzaR6nElMFO2vINRz8SG0BH25lJim8e4yk4DzQVJlwK/dc2iUzTf8OW/0/Fxbc7PaG2IOzhnS2/iwIDAQAB"
  }

  domain = digitalocean_domain.root.name
  type   = "TXT"
  name   = each.key
  value  = each.value
  ttl    = 300
}

# mail.dmarc: what others do with mail that fails both.
resource "digitalocean_record" "dmarc" {
  domain = digitalocean_domain.root.name
  type   = "TXT"
  name   = "_dmarc"
  value  = "v=DMARC1; p=quarantine; rua=mailto:postmaster@fullfrontend.be"
  ttl    = 300
}

# backups.enabled: the bucket of backups.
resource "digitalocean_spaces_bucket" "fullfrontend_prod_backups" {
  # Without ffops, nothing asks before its data is lost. Who runs tofu by hand adds: lifecycle { prevent_destroy = true }
  name   = "fullfrontend-prod-backups"
  region = "ams3"
  acl    = "private"

  # What is overwritten or deleted by mistake can be had back.
  versioning {
    enabled = true
  }

  # backups.retentionDays: for this long, and no longer.
  lifecycle_rule {
    id                                     = "old-versions"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 7

    noncurrent_version_expiration {
      days = 30
    }
  }
}

# platform: what the project shows. Clusters and load balancers are not listed, so that nothing here waits for them.
resource "digitalocean_project_resources" "main" {
  project = digitalocean_project.main.id
  resources = [
    digitalocean_domain.root.urn,
    digitalocean_spaces_bucket.fullfrontend_prod_backups.urn,
  ]
}
