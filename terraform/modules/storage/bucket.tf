# The agents' bucket. One prefix a customer, made by the product; nothing here grows with customers.

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:who read what is CloudTrail's to tell; access logs would double the objects
  # checkov:skip=CKV_AWS_144:one region: docs/operations.md says what a lost region means
  # checkov:skip=CKV2_AWS_62:nothing waits for its events
  bucket        = var.bucket_name
  force_destroy = var.allow_destroy
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = module.key.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}
