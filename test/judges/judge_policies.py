"""Judges IAM policies. In: a JSON object of policy documents by name. Out: a JSON list of findings."""

import json
import sys

from parliament import analyze_policy_string, enhance_finding


def findings_of(name, document):
    analyzed = analyze_policy_string(json.dumps(document))
    for finding in map(enhance_finding, analyzed.findings):
        if finding.severity != "MUTE":
            yield {"policy": name, "issue": finding.issue, "severity": finding.severity, "detail": str(finding.detail)}


policies = json.load(sys.stdin)
json.dump([found for name, document in policies.items() for found in findings_of(name, document)], sys.stdout)
