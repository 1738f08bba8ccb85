variable "name" {
  description = "Prefix of every name, as openclaw-dev."
  type        = string
}

variable "images" {
  description = "One repository each."
  type        = set(string)
  default     = ["backoffice", "agent", "egress"]
}

variable "keep_images" {
  description = "How many releases can still be gone back to."
  type        = number
  default     = 30
  validation {
    condition     = var.keep_images >= 5
    error_message = "keep_images is 5 at least: a canary and a roll-back need earlier ones."
  }
}

variable "allow_destroy" {
  description = "Whether a destroy may take the images along."
  type        = bool
  default     = false
}
