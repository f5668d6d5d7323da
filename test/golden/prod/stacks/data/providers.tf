# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# Reads KUBE_CONFIG_PATH and KUBECONFIG (the same file) from the environment.
provider "helm" {}
