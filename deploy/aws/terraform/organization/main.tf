# The two roles in every account of an organization, from its management account: ../../roles.yaml as a StackSet for the
# members, now and to come, and ../roles for the management account, which StackSets leave out. docs/connect-aws.md.

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
  description = "The role or user that Trailwarden runs as. All roles trust it, and nobody else."
}

variable "external_id" {
  type        = string
  description = "The same as TRAILWARDEN_EXTERNAL_ID. Make one, with `openssl rand -hex 16`, for all accounts."
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

variable "organizational_units" {
  type        = list(string)
  default     = []
  description = "Ids (ou-…) of those to cover with all below them; none is the whole organization."
}

variable "region" {
  type        = string
  default     = "us-east-1"
  description = "The one region of the stacks. IAM is global: a second region would make the same roles again and fail."
}

data "aws_organizations_organization" "this" {}

resource "aws_cloudformation_stack_set" "members" {
  name             = "Trailwarden"
  permission_model = "SERVICE_MANAGED"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${path.module}/../../roles.yaml")
  parameters = {
    BotArn     = var.bot_arn
    ExternalId = var.external_id
    AuditRole  = var.audit_role
    ChangeRole = var.change_role
  }
  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }
  lifecycle {
    ignore_changes = [administration_role_arn] # of self-managed permissions; AWS sets it all the same
  }
}

resource "aws_cloudformation_stack_instances" "members" {
  stack_set_name = aws_cloudformation_stack_set.members.name
  regions        = [var.region]
  deployment_targets {
    organizational_unit_ids = coalescelist(
      var.organizational_units,
      [data.aws_organizations_organization.this.roots[0].id],
    )
  }
  operation_preferences {
    failure_tolerance_percentage = 100 # one account that refuses must not stop the others
    max_concurrent_percentage    = 100
  }
}

module "management" {
  source      = "../roles"
  bot_arn     = var.bot_arn
  external_id = var.external_id
  audit_role  = var.audit_role
  change_role = var.change_role
}

output "settings" {
  description = "Put these lines into Trailwarden's environment."
  value       = module.management.settings
}
