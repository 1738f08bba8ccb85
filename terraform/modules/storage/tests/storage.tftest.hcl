mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name             = "openclaw-test"
  bucket_name      = "openclaw-test-agents-123456789012"
  tenant_role_path = "/openclaw/test/tenants/"
}

run "as_it_is" {
  command = plan

  # It is private encrypted and versioned.
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "The bucket can be made public."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "Objects are not encrypted with our key."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "An overwritten object is lost."
  }

  # Destroying takes two steps.
  assert {
    condition     = aws_s3_bucket.this.force_destroy == false
    error_message = "One step destroys the bucket with what is in it."
  }
}

run "bad_input_is_refused" {
  command = plan

  variables {
    tenant_role_path        = "/"
    noncurrent_version_days = 1
    bucket_name             = "OpenClaw"
  }

  expect_failures = [var.tenant_role_path, var.noncurrent_version_days, var.bucket_name]
}
