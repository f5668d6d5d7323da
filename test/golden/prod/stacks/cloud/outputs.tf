# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

output "vpc_id" {
  description = "The private network."
  value       = digitalocean_vpc.main.id
}

output "cluster_id" {
  description = "The cluster, for doctl."
  value       = digitalocean_kubernetes_cluster.main.id
}

output "cluster_name" {
  description = "The name of the cluster."
  value       = digitalocean_kubernetes_cluster.main.name
}

output "cluster_endpoint" {
  description = "Where its API answers."
  value       = digitalocean_kubernetes_cluster.main.endpoint
}
