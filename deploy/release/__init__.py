"""A release: the commit of a tag as sdist, wheel, SBOM and checksums, each checked. Nothing is published."""
