# Made by ffops from environments/dev.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# state: beside the modules. Reads TF_ENCRYPTION from the environment, which says how the state and plans are encrypted.
terraform {
  backend "local" {
    path = "../../state/app-hello.tfstate"
  }
}
