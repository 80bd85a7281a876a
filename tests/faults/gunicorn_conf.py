"""As deployed, but when the one worker dies its master goes with it: the whole machine lost power."""

import os
import signal

worker_class = "gevent"
workers = 1
timeout = 60
graceful_timeout = 5
keepalive = 5
control_socket_disable = True
loglevel = "warning"


def child_exit(server, worker):
    """Nobody is there to start another."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
