# Trailwarden's two roles in the provider's account: the same as ../../roles.yaml. docs/connect-aws.md has the steps.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.86"
    }
  }
}

variable "bot_arn" {
  type        = string
  description = "The role or user that Trailwarden runs as. Both roles trust it, and nobody else."
  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+$", var.bot_arn))
    error_message = "Say the ARN of a role or user, such as arn:aws:iam::111122223333:role/Trailwarden."
  }
}

variable "external_id" {
  type        = string
  description = "The same as TRAILWARDEN_EXTERNAL_ID. Make one, with `openssl rand -hex 16`, for all accounts."
  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@:/_-]{2,1224}$", var.external_id))
    error_message = "Say 2 to 1224 letters, digits or +=,.@:/_-"
  }
}

variable "audit_role" {
  type    = string
  default = "TrailwardenAudit"
}

variable "change_role" {
  type        = string
  default     = "TrailwardenChange"
  description = "Leave it empty for audits alone."
}

locals {
  policies     = "${path.module}/../../../../config/iam"
  bot_account  = split(":", var.bot_arn)[4]
  with_changes = var.change_role == "" ? 0 : 1
}

resource "aws_iam_role" "audit" {
  name        = var.audit_role
  description = "Trailwarden reads with it."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.bot_account }
      Condition = {
        ArnEquals    = { "aws:PrincipalArn" = var.bot_arn }
        StringEquals = { "sts:ExternalId" = var.external_id, "sts:RoleSessionName" = "trailwarden-audit" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "audit" {
  name   = "audit"
  role   = aws_iam_role.audit.name
  policy = file("${local.policies}/audit.json")
}

resource "aws_iam_role" "change" {
  count                = local.with_changes
  name                 = var.change_role
  description          = "Trailwarden applies an approved change with it. The session's name tells the change and the approver."
  permissions_boundary = aws_iam_policy.change[0].arn # whatever else somebody attaches to the role gives it nothing
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.bot_account }
      Condition = {
        ArnEquals    = { "aws:PrincipalArn" = var.bot_arn }
        StringEquals = { "sts:ExternalId" = var.external_id }
        StringLike   = { "sts:RoleSessionName" = ["C-*-U*", "C-*-W*"] }
      }
    }]
  })
}

resource "aws_iam_policy" "change" {
  count       = local.with_changes
  name        = var.change_role
  description = "What Trailwarden's change role may do, and its permissions boundary."
  policy      = file("${local.policies}/change.json")
}

resource "aws_iam_role_policy_attachment" "change" {
  count      = local.with_changes
  role       = aws_iam_role.change[0].name
  policy_arn = aws_iam_policy.change[0].arn
}

output "settings" {
  description = "Put these lines into Trailwarden's environment."
  value       = <<-EOT
    TRAILWARDEN_AUDIT_ROLE=${var.audit_role}
    TRAILWARDEN_CHANGE_ROLE=${var.change_role}
    TRAILWARDEN_EXTERNAL_ID=${var.external_id}
  EOT
}
