"""Findings as the Open Cybersecurity Schema Framework has them (schema.ocsf.io): compliance findings, class 2003.

Each evaluation is a finding of its own, with the run in its uid; since when it fails is its `first_seen_time`.
"""

from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from py_ocsf_models.events.findings.activity_id import ActivityID
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.events.findings.compliance_finding_type_id import ComplianceFindingTypeID
from py_ocsf_models.events.findings.severity_id import SeverityID
from py_ocsf_models.events.findings.status_id import StatusID
from py_ocsf_models.objects.account import Account as OcsfAccount
from py_ocsf_models.objects.account import TypeID
from py_ocsf_models.objects.cloud import Cloud
from py_ocsf_models.objects.compliance import Compliance
from py_ocsf_models.objects.compliance_status import StatusID as ComplianceStatus
from py_ocsf_models.objects.finding_info import FindingInformation
from py_ocsf_models.objects.metadata import Metadata
from py_ocsf_models.objects.product import Product
from py_ocsf_models.objects.resource_details import ResourceDetails

from bot.domain.controls import named
from bot.domain.digest import Kept
from bot.domain.finding import Attention, Finding, Verdict
from bot.domain.trail import Account

OUTCOME = {
    Verdict.PASS: ComplianceStatus.Pass,
    Verdict.FAIL: ComplianceStatus.Fail,
    Verdict.UNKNOWN: ComplianceStatus.Warning,
}
"""Warning is the schema's word for "no result due to missing information"."""
SEVERITY = {
    Attention.FAIL: SeverityID.High,
    Attention.UNKNOWN: SeverityID.Unknown,
    Attention.ACCEPTED: SeverityID.Low,
    Attention.PASS: SeverityID.Informational,
}
CIS = "CIS AWS Foundations Benchmark"


def compliance_finding(kept: Kept, account: Account, finding: Finding) -> dict[str, Any]:
    """One event, as values that JSON has. The library's class has no `cloud`, which the schema's cloud profile adds."""
    severity, accepted = SEVERITY[finding.attention], finding.attention is Attention.ACCEPTED
    status = StatusID.Suppressed if accepted else StatusID.New
    event = ComplianceFinding(
        activity_id=ActivityID.Create,
        activity_name="Create",
        class_name="Compliance Finding",
        type_uid=ComplianceFindingTypeID.Create,
        type_name="Compliance Finding: Create",
        time=_milliseconds(kept.report.started),
        metadata=_metadata(),
        severity_id=severity,
        severity=severity.name,
        status_id=status,
        status=status.name,
        status_code=" ".join(finding.reasons) or None,
        message=finding.told,
        finding_info=_info(kept, account, finding),
        compliance=_compliance(finding),
        resources=[_resource(account, finding)],
        unmapped=_unmapped(kept, finding),
    )
    return {**event.model_dump(mode="json", exclude_none=True), "cloud": _cloud(account)}


@cache
def _metadata() -> Metadata:
    product = Product(name="Trailwarden", vendor_name="Trailwarden", version=version("trailwarden"))
    return Metadata(product=product, profiles=["cloud"])


def _info(kept: Kept, account: Account, finding: Finding) -> FindingInformation:
    since = kept.since.get((account.id, finding.control))
    return FindingInformation(
        uid=f"{kept.report.run}/{account.id}/{finding.control}",
        title=_title(finding.control),
        desc=finding.told,
        created_time=_milliseconds(kept.report.started),
        first_seen_time=_milliseconds(since) if since else None,
    )


@cache
def _title(control: str) -> str:
    """The id where this release has no such control any more."""
    return next((c.title for c in named((control,))), control)


def _compliance(finding: Finding) -> Compliance:
    requirements = _requirements(finding.control)
    return Compliance(
        control=finding.control,
        standards=[CIS] if requirements else ["Trailwarden"],
        requirements=list(requirements) or None,
        status_id=OUTCOME[finding.verdict],
    )


@cache
def _requirements(control: str) -> tuple[str, ...]:
    return tuple(f"{CIS} {edition}: {number}" for c in named((control,)) for edition, number in c.cis.items())


def _resource(account: Account, finding: Finding) -> ResourceDetails:
    """The deciding trail, or the account where none decides."""
    if not finding.resource:
        return ResourceDetails(uid=account.id, name=account.name or account.id, type="AWS::::Account")
    name = finding.resource.rpartition("/")[2]
    return ResourceDetails(uid=finding.resource, name=name, type="AWS::CloudTrail::Trail")


def _cloud(account: Account) -> dict[str, Any]:
    owner = OcsfAccount(uid=account.id, name=account.name or account.id, type="AWS Account", type_id=TypeID.AWS_Account)
    return dict(Cloud(provider="AWS", account=owner).model_dump(mode="json", exclude_none=True))


def _unmapped(kept: Kept, finding: Finding) -> dict[str, Any]:
    accepted = finding.accepted and {"until": str(finding.accepted.until), "owner": finding.accepted.owner.id}
    said = {"run": kept.report.run, "profile": kept.report.profile, "warnings": list(finding.warnings)}
    return {**said, **({"accepted": accepted} if accepted else {})}


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000)
