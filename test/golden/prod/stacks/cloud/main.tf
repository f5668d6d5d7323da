# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# The network, the cluster and its node pools.

# cluster.vpcRange: the private network that nodes and load balancers share.
resource "digitalocean_vpc" "main" {
  name   = "fullfrontend-prod"
  region = "ams3"
}

# cluster
resource "digitalocean_kubernetes_cluster" "main" {
  # Without ffops, nothing asks before its data is lost. Who runs tofu by hand adds: lifecycle { prevent_destroy = true }
  name          = "fullfrontend-prod"
  region        = "ams3"
  version       = "1.35"
  vpc_uuid      = digitalocean_vpc.main.id
  auto_upgrade  = true
  surge_upgrade = true

  # cluster.systemPool: small and fixed, because changing its size replaces the cluster. The work runs on the pools below.
  node_pool {
    name       = "system"
    size       = "s-2vcpu-4gb"
    node_count = 1
  }

  # The version counts when the cluster is made. Later it moves on by itself, and a plan that compared it would replace
  # the cluster.
  lifecycle {
    ignore_changes = [version]
  }
}

# cluster.nodePools[0]
resource "digitalocean_kubernetes_node_pool" "apps" {
  cluster_id = digitalocean_kubernetes_cluster.main.id
  name       = "apps"
  size       = "s-4vcpu-8gb"
  auto_scale = true
  min_nodes  = 2
  max_nodes  = 4

  # The autoscaler decides how many nodes there are.
  lifecycle {
    ignore_changes = [node_count]
  }
}

# cluster.nodePools[1]
resource "digitalocean_kubernetes_node_pool" "data" {
  cluster_id = digitalocean_kubernetes_cluster.main.id
  name       = "data"
  size       = "s-2vcpu-4gb"
  node_count = 1
  labels = {
    role = "data"
  }
}
