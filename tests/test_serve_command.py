"""`serve` ends when it is told to."""

import subprocess
import sys

TOLD = """
import signal, threading
from bot.serve_command import told_to_end, wait

over = told_to_end()
threading.Timer(0.2, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)).start()
wait(over)
"""


def test_a_signal_that_another_thread_gets_ends_it_too() -> None:
    """The main thread, where Python handles signals, sleeps through such a one if nothing else wakes it."""
    subprocess.run([sys.executable, "-c", TOLD], check=True, timeout=60)
