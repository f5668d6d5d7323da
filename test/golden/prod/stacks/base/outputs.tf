# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

output "project_id" {
  description = "The project in the control panel."
  value       = digitalocean_project.main.id
}

output "domain" {
  description = "The zone that records live in."
  value       = digitalocean_domain.root.name
}
