# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

variable "charts_dir" {
  type        = string
  description = "Folder with the archives of the charts."
  default     = "../../../charts"
}

variable "dumps_s3_url" {
  type        = string
  description = "Object storage that dumps go to, as pods of the cluster reach it."
  default     = "https://ams3.digitaloceanspaces.com"
}
