"""Answers one question of a Windows program on a terminal of its own, and prints all that was shown.

    console.py QUESTION ANSWER COMMAND...

The question is a part of its words; the answer, with escapes as in Python, is typed with a pause before
each of its keys.
"""
import os
import pty
import select
import sys
import time

LIMIT = 90


def shown(question, keys, command):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    seen, asked, end = b"", False, time.monotonic() + LIMIT
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 1)
        if ready:
            try:
                more = os.read(terminal, 4096)
            except OSError:  # how Linux says that the other side is closed
                break
            if not more:
                break
            seen += more
        if not asked and question in seen:
            asked = True
            for key in keys:
                # A console that is still being made quiet would show it.
                time.sleep(0.2)
                os.write(terminal, key.encode())
    return seen


def main():
    question, answer, *command = sys.argv[1:]
    keys = answer.encode("ascii").decode("unicode_escape")
    sys.stdout.buffer.write(shown(question.encode(), keys, command))


main()
