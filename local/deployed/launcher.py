"""Runs the installed MiniStack for ministack.ts, mended in memory where it differs from AWS; no file of it is touched.

1. A Node handler's error reaches Step Functions under its own name, not as Runtime.HandlerError.
2. IAM judges a first ImportCertificate on certificate/* of its account and region, and GetChange on the change; MiniStack
   takes "*" for both, which policies of least privilege do not allow.
3. IAM knows the encryption context of a KMS request as kms:EncryptionContext:<key>; MiniStack's evaluator gets no such key
   and so refuses the right context too. It gets it here, and judges the conditions as they are deployed.
4. Each refusal by IAM is told on a line of its own, since not every Lambda lets its caller know.
5. Schedules may run faster than written: PERENNIAL_RATE_SCALE is a factor for the interval of each rate().
6. The gateway listens on its own port only, not on 443 too.
7. Each invocation by a state machine is told with the version that ran: Step Functions' history here lacks it.
8. It ends with its parent, however that ends: standard input is a pipe that then closes.
9. Resources of the types in RECORDED are taken and do nothing; MiniStack refuses a stack that has one.
10. An alarm on metric math, which MiniStack refuses, is taken as one on its first metric; neither is ever judged here.
"""

import json
import os
import signal
import subprocess
import sys
import threading

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import eventbridge, lambda_svc
from ministack.services.cloudformation import provisioners

ERROR_ANSWERS = {
    'error: String(err.message || err), trace: err.stack || ""': "err",
    "error: e.message, trace: e.stack": "e",
}
# What each Ref of such a resource is, and what attributes it has, nobody here asks.
RECORDED = ["AWS::Logs::QueryDefinition"]
RATE_SCALE = float(os.environ.pop("PERENNIAL_RATE_SCALE", "1"))
last = threading.local()
invoke_worker = lambda_runtime.Worker.invoke
execute_warm = lambda_svc._execute_function_warm
resource_of = iam_actions.extract_resource_arn
context_of = iam_actions.request_tag_context
enforce = iam_evaluator.enforce
rate_seconds = eventbridge._parse_rate_seconds


def name_errors_in_worker(script):
    for answer, variable in ERROR_ANSWERS.items():
        if script.count(answer) != 1:
            sys.exit(f"launcher.py: this MiniStack's worker script does not hold {answer!r} once; mend launcher.py")
        script = script.replace(answer, f"{answer}, errorType: {variable} && {variable}.name")
    return script


def invoke(worker, *args, **kwargs):
    reply = invoke_worker(worker, *args, **kwargs)
    last.error_type = reply.get("errorType")
    return reply


def tell(word, **facts):
    # One write, on lines of its own: threads of the account print at the same time.
    sys.stdout.flush()
    os.write(sys.stdout.fileno(), f"\n{word} {json.dumps(facts)}\n".encode())


def execute(func, event, request_id):
    if isinstance(event, dict) and "execution" in event:
        name, version = func["config"]["FunctionName"], func["config"].get("Version")
        tell("INVOKED", function=name, version=version, execution=event["execution"])
    last.error_type = None
    result = execute_warm(func, event, request_id)
    if result.get("error") and last.error_type:
        result["body"]["errorType"] = last.error_type
    return result


def resource(service, method, path, headers, body, query_params, region, account_id):
    found = resource_of(service, method, path, headers, body, query_params, region, account_id)
    if found == "*" and headers.get("x-amz-target") == "CertificateManager.ImportCertificate":
        return f"arn:aws:acm:{region}:{account_id}:certificate/*"
    if found == "*" and service == "route53" and path.startswith("/2013-04-01/change/"):
        return f"arn:aws:route53:::change/{path.rsplit('/', 1)[-1]}"
    return found


def context(service, iam_action, body, params):
    found = context_of(service, iam_action, body, params)
    pairs = json.loads(body or b"{}").get("EncryptionContext", {}) if service == "kms" else {}
    return {**found, **{f"kms:EncryptionContext:{key}": value for key, value in pairs.items()}}


def enforce_aloud(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    refusal = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
    if isinstance(refusal, iam_evaluator.EvalResult):
        tell("REFUSED", principal=refusal.principal_arn, action=iam_action, resource=resource_arn)
    return refusal


def scaled_rate(expression):
    seconds = rate_seconds(expression)
    return seconds if seconds is None else seconds * RATE_SCALE


RECORD = {
    "create": lambda logical_id, props, stack_name: (f"{stack_name}-{logical_id}", {}),
    "update": lambda physical_id, *rest: (physical_id, {}),
    "delete": lambda physical_id, *rest: None,
}


def plain(props):
    if not isinstance(props, dict) or "Metrics" not in props:
        return props
    first = next(metric["MetricStat"] for metric in props["Metrics"] if "MetricStat" in metric)
    rest = {name: value for name, value in props.items() if name != "Metrics"}
    return {**rest, **first["Metric"], "Statistic": first["Stat"], "Period": first["Period"]}


def alarm(make):
    return lambda *args, **named: make(*map(plain, args), **{name: plain(value) for name, value in named.items()})


def end_with_parent(folder):
    sys.stdin.buffer.read()
    # Removed by somebody who outlives the group: what still runs in it may be about to write.
    subprocess.Popen(["/bin/sh", "-c", 'sleep 0.5; rm -rf "$0"', folder], start_new_session=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


lambda_runtime._NODEJS_WORKER_SCRIPT = name_errors_in_worker(lambda_runtime._NODEJS_WORKER_SCRIPT)
lambda_runtime.Worker.invoke = invoke
lambda_svc._execute_function_warm = execute
iam_actions.extract_resource_arn = resource
iam_actions.request_tag_context = context
iam_evaluator.enforce = enforce_aloud
eventbridge._parse_rate_seconds = scaled_rate
for resource_type in RECORDED:
    provisioners._RESOURCE_HANDLERS.setdefault(resource_type, RECORD)
ALARM = dict(provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"])
provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"] = {**ALARM, "create": alarm(ALARM["create"]), "update": alarm(ALARM["update"])}
app._port_is_bindable = lambda host, port: False
threading.Thread(target=end_with_parent, args=(sys.argv.pop(),), daemon=True).start()
app.main()
