#!/usr/bin/env bash
# Terraform for one environment, as the workflows call it. Variables come as TF_VAR_….
#   terraform.sh plan|apply|release ENVIRONMENT
set -euo pipefail

action=$1 environment=$2
cd "$(dirname "$0")/../../terraform/environments/$environment"
export TF_VAR_account_id="${TF_VAR_account_id:-$AWS_ACCOUNT_ID}" TF_VAR_region="${TF_VAR_region:-$AWS_REGION}"

read -ra arguments <<<"${TF_INIT_ARGUMENTS:-}"
terraform init -input=false ${arguments[@]+"${arguments[@]}"} \
  -backend-config="bucket=openclaw-$environment-terraform-state-$AWS_ACCOUNT_ID" -backend-config="region=$AWS_REGION" >&2

case $action in
plan)
  # A pull request's role reads the state and nothing else, so nothing is refreshed and nothing locked.
  status=0
  terraform plan -input=false -no-color -refresh=false -lock=false 2>&1 | tee plan.txt || status=$?
  exit "$status"
  ;;
apply) terraform apply -input=false -auto-approve -lock-timeout=10m ;;
release) terraform output -json release ;;
*)
  echo "terraform.sh plan|apply|release ENVIRONMENT" >&2
  exit 2
  ;;
esac
