#!/usr/bin/env bash
# Bring up what Terraform itself needs, in an account that has nothing yet: the state's bucket, GitHub's two roles. The
# first time the state of this folder is kept in a file beside it, then moved into the bucket. Safe to repeat.
#
#   terraform/bootstrap/up.sh production ACCOUNT_ID REGION OWNER/NAME
set -euo pipefail
cd "$(dirname "$0")"

if [ $# -ne 4 ]; then
  sed -n 's/^#   /usage: /p' "$0" >&2
  exit 2
fi
environment=$1 account=$2 region=$3 repository=$4
bucket="openclaw-$environment-terraform-state-$account"
read -ra init <<<"${TF_INIT_ARGUMENTS:-}"
read -ra backend <<<"${TF_BACKEND_ARGUMENTS:-}"
variables=(-var "account_id=$account" -var "region=$region" -var "environment=$environment" -var "github_repository=$repository")

# A state of another environment must not be taken for this one's.
export TF_DATA_DIR="${TF_DATA_DIR:-.terraform-$environment}"
state="terraform.$environment.tfstate"

cat >backend_override.tf <<END
terraform {
  backend "local" {
    path = "$state"
  }
}
END
trap 'rm -f backend_override.tf' EXIT

in_bucket() {
  cat >backend_override.tf <<END
terraform {
  backend "s3" {
    bucket       = "$bucket"
    key          = "bootstrap/terraform.tfstate"
    region       = "$region"
    encrypt      = true
    use_lockfile = true
  }
}
END
}

# Whether an earlier run came so far. Terraform itself is asked: no other program is needed.
if [ ! -f "$state" ]; then
  in_bucket
  if terraform init -input=false -reconfigure ${init[@]+"${init[@]}"} ${backend[@]+"${backend[@]}"} >/dev/null 2>&1; then
    echo "The state is in $bucket already; applying what changed."
    terraform apply -input=false -auto-approve "${variables[@]}"
    exit 0
  fi
  cat >backend_override.tf <<END
terraform {
  backend "local" {
    path = "$state"
  }
}
END
fi

terraform init -input=false -reconfigure ${init[@]+"${init[@]}"}
terraform apply -input=false -auto-approve "${variables[@]}"

in_bucket
terraform init -input=false -migrate-state -force-copy ${init[@]+"${init[@]}"} ${backend[@]+"${backend[@]}"}
rm -f "$state" "$state.backup"

cat <<END

The state is in $bucket. In GitHub ($repository):
  1. Settings, Environments: make "$environment", with required reviewers, for the branch main alone.
  2. There, secret AWS_ACCOUNT_ID: $account
  3. There, variables: AWS_REGION=$region, and those of terraform/environments/$environment/terraform.tfvars.example as TF_VAR_….
END
