mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name = "openclaw-test"
}

run "as_it_is" {
  command = plan

  # A tag keeps its contents and is scanned.
  assert {
    condition = alltrue([
      for repository in values(aws_ecr_repository.this) : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && !repository.force_delete
    ])
    error_message = "A tag can be moved, an image is not scanned, or a destroy takes images along."
  }

  assert {
    condition     = toset(keys(aws_ecr_repository.this)) == toset(["backoffice", "agent", "egress"])
    error_message = "A repository is missing."
  }
}

run "too_few_releases_to_go_back_to_are_refused" {
  command = plan

  variables {
    keep_images = 1
  }

  expect_failures = [var.keep_images]
}
