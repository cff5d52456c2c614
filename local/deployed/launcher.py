"""Runs the installed MiniStack for ministack.ts, with three things mended in memory; no file of the package is touched.

1. A Node handler's error reaches Step Functions under its own name, as on AWS, not as Runtime.HandlerError.
2. The gateway listens on its own port only, not on 443 too.
3. It ends with its parent, however that ends: standard input is a pipe that then closes.
"""

import os
import shutil
import signal
import sys
import threading

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

ANSWERS = {
    'error: String(err.message || err), trace: err.stack || ""': "err",
    "error: e.message, trace: e.stack": "e",
}
last = threading.local()
invoke_worker = lambda_runtime.Worker.invoke
execute_warm = lambda_svc._execute_function_warm


def name_errors_in_worker(script):
    for answer, variable in ANSWERS.items():
        if script.count(answer) != 1:
            sys.exit(f"launcher.py: this MiniStack's worker script does not hold {answer!r} once; mend launcher.py")
        script = script.replace(answer, f"{answer}, errorType: {variable} && {variable}.name")
    return script


def invoke(worker, *args, **kwargs):
    reply = invoke_worker(worker, *args, **kwargs)
    last.error_type = reply.get("errorType")
    return reply


def execute(func, event, request_id):
    last.error_type = None
    result = execute_warm(func, event, request_id)
    if result.get("error") and last.error_type:
        result["body"]["errorType"] = last.error_type
    return result


def end_with_parent(folder):
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


lambda_runtime._NODEJS_WORKER_SCRIPT = name_errors_in_worker(lambda_runtime._NODEJS_WORKER_SCRIPT)
lambda_runtime.Worker.invoke = invoke
lambda_svc._execute_function_warm = execute
app._port_is_bindable = lambda host, port: False
threading.Thread(target=end_with_parent, args=(sys.argv.pop(),), daemon=True).start()
app.main()
