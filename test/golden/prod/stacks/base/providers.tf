# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# Reads DIGITALOCEAN_TOKEN, and for buckets SPACES_ACCESS_KEY_ID and SPACES_SECRET_ACCESS_KEY from the environment.
provider "digitalocean" {}
