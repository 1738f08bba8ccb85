# One key for the cache's disk and snapshots.

module "key" {
  source      = "../key"
  alias       = "${var.name}-cache"
  description = "${var.name} cache"
}
