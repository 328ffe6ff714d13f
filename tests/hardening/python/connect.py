# connect.py SOCKET: asks an agent for its list. Prints whether it could connect and how many
# bytes came back before the end of the stream or of the answer.
import socket
import sys

stream = socket.socket(socket.AF_UNIX)
stream.settimeout(10)
try:
    stream.connect(sys.argv[1])
except OSError as error:
    sys.exit(f"cannot connect: {error}")
try:
    stream.sendall(b"\0\0\0\1\x0b")
except OSError:
    pass
came = b""
try:
    # Until the end of the stream, or of the one answer.
    while len(came) < 4 or len(came) < 4 + int.from_bytes(came[:4], "big"):
        chunk = stream.recv(4096)
        if not chunk:
            break
        came += chunk
except ConnectionResetError:
    pass
print(f"connected, then {len(came)} bytes")
