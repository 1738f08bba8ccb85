variable "name" {
  description = "The secret's name, as openclaw-dev/secret-key."
  type        = string
}

variable "description" {
  description = "What it is for."
  type        = string
}

variable "length" {
  description = "Letters and digits of the value that is made; 0: none is, the secret begins as “unset” and an operator puts it."
  type        = number
}

variable "suffix" {
  description = "What follows the random part, as the = of a key in base64."
  type        = string
  default     = ""
}

variable "value_version" {
  description = "Raise it to have another value made."
  type        = number
  default     = 1
}

variable "recovery_days" {
  description = "Days in which a deleted secret can be restored; 0 deletes at once."
  type        = number
}
