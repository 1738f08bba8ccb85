mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  alias       = "openclaw-test-storage"
  description = "a test"
}

run "as_it_is" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key never changes, or can be lost within days."
  }

  assert {
    condition     = aws_kms_alias.this.name == "alias/openclaw-test-storage"
    error_message = "The key can't be found by its name."
  }
}

run "a_key_that_goes_at_once_is_refused" {
  command = plan

  variables {
    deletion_window_days = 1
  }

  expect_failures = [var.deletion_window_days]
}
