"""Which regions an account has switched on: account:ListRegions, which moto lacks, and ec2:DescribeRegions, where
moto takes a few regions for default-enabled that on AWS are not.
"""

from typing import Any

from bot.playground.aws.calls import Call

DEFAULT_REGIONS = (
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    *("ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
"""Switched on in every account, for good. Source: account management reference, "Enable or disable AWS Regions"."""

OPT_IN_REGIONS = (
    *("af-south-1", "ap-east-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ca-west-1", "eu-central-2"),
    *("eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1"),
)
"""Switched off until somebody switches them on; here nobody has. Not complete."""


STATUS = {"ENABLED_BY_DEFAULT": DEFAULT_REGIONS, "DISABLED": OPT_IN_REGIONS}


def list_regions(call: Call) -> dict[str, Any]:
    """The answer to ListRegions, with its filter and its pages (of at most 50)."""
    wanted = call.parameters.get("RegionOptStatusContains") or list(STATUS)
    regions = [
        {"RegionName": name, "RegionOptStatus": status}
        for status, names in STATUS.items()
        for name in names
        if status in wanted
    ]
    start = _offset(call.parameters.get("NextToken"))
    end = start + int(call.parameters.get("MaxResults") or 50)
    return {"Regions": regions[start:end], **({"NextToken": str(end)} if end < len(regions) else {})}


def _offset(token: str | None) -> int:
    """A token that we did not give starts over; AWS refuses it."""
    return int(token) if token and token.isdigit() else 0


def describe_regions(call: Call) -> dict[str, Any]:
    """The answer to DescribeRegions: without AllRegions only those switched on. Filters are not played."""
    optional = OPT_IN_REGIONS if call.parameters.get("AllRegions") else ()
    named = call.parameters.get("RegionNames") or (*DEFAULT_REGIONS, *optional)
    return {
        "Regions": [
            {
                "RegionName": name,
                "Endpoint": f"ec2.{name}.amazonaws.com",
                "OptInStatus": "opt-in-not-required" if name in DEFAULT_REGIONS else "not-opted-in",
            }
            for name in (*DEFAULT_REGIONS, *optional)
            if name in named
        ]
    }
