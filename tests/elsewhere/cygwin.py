"""Reaches an agent as Cygwin's and MSYS2's programs do, for a program that cannot.

    cygwin.py FILE COMMAND...

FILE names a port and a secret. A socket is made that leads there, with Cygwin's handshake for each
client, and COMMAND is run with it as SSH_AUTH_SOCK. With `wrong` before FILE another secret is said.
"""

import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading


def connect(file, is_wrong):
    with open(file, "rb") as opened:
        text = opened.read().decode().rstrip("\0")
    port, *numbers = re.fullmatch(
        r"!<socket >(\d+) s ([0-9A-F]{8})-([0-9A-F]{8})-([0-9A-F]{8})-([0-9A-F]{8})", text
    ).groups()
    secret = struct.pack("<4I", *(int(number, 16) for number in numbers))
    if is_wrong:
        secret = secret[::-1]
    stream = socket.create_connection(("127.0.0.1", int(port)), timeout=30)
    stream.sendall(secret)
    if receive(stream, 16) != secret:
        raise ConnectionError("another listens there")
    stream.sendall(struct.pack("<3I", os.getpid(), 1000, 1000))
    receive(stream, 12)
    return stream


def receive(stream, count):
    received = b""
    while len(received) < count:
        some = stream.recv(count - len(received))
        if not some:
            raise ConnectionError("it hung up")
        received += some
    return received


def pass_on(source, target):
    while some := source.recv(65536):
        target.sendall(some)
    target.shutdown(socket.SHUT_WR)


def serve(listener, file, is_wrong):
    while True:
        client, _ = listener.accept()
        try:
            agent = connect(file, is_wrong)
        except OSError as error:
            print(error, file=sys.stderr)
            client.close()
            continue
        for ends in (client, agent), (agent, client):
            threading.Thread(target=pass_on, args=ends, daemon=True).start()


words = sys.argv[1:]
wrong = words[0] == "wrong"
file, *command = words[wrong:]
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "agent")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    threading.Thread(target=serve, args=(listener, file, wrong), daemon=True).start()
    status = subprocess.run(command, env={**os.environ, "SSH_AUTH_SOCK": path}).returncode
sys.exit(status)
