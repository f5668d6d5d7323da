# Made by ffops from environments/prod.yaml: change that and run `ffops render`, edits here are lost.
# ../../README.md says how to run this without ffops.

# state: in a bucket, locked while it is in use. Reads AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
# from the environment, and TF_ENCRYPTION, which says how the state and plans are encrypted.
terraform {
  backend "s3" {
    bucket         = "fullfrontend-prod-state"
    key            = "prod/metrics.tfstate"
    region         = "ams3"
    use_lockfile   = true
    use_path_style = true

    # It is Amazon's protocol, not Amazon.
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
    skip_s3_checksum            = true
  }
}
