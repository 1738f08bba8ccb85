# RDS and S3 refuse to be deleted while data is protected, but `terraform destroy` would have taken down much before it
# meets them: services, records, and the keys of what is encrypted. This stands on everything, so it is destroyed
# first, and refuses.

resource "terraform_data" "protection" {
  input      = var.protect_data
  depends_on = [module.platform]

  provisioner "local-exec" {
    when    = destroy
    command = self.output ? "echo 'Data is protected: apply with protect_data = false first.' >&2; exit 1" : "true"
  }
}
