"""Logs in with paramiko and a key of the agent, for keyfob's interop tests.

    paramiko_client.py PORT USER PUBLIC_KEY_FILE    log in with that key, run `id -un`

The agent is the one SSH_AUTH_SOCK names; the server is on 127.0.0.1. The server's
host key is not checked: that is not what is tested.
"""

import base64
import sys

import paramiko


def main(port, user, public_key_file):
    with open(public_key_file, encoding="ascii") as file:
        wanted = base64.b64decode(file.read().split()[1])
    agent = paramiko.Agent()
    (key,) = (key for key in agent.get_keys() if key.asbytes() == wanted)
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(
        "127.0.0.1",
        port=int(port),
        username=user,
        pkey=key,
        allow_agent=False,
        look_for_keys=False,
        timeout=10,
        banner_timeout=20,
        auth_timeout=20,
    )
    _, stdout, _ = client.exec_command("id -un", timeout=20)
    print(stdout.read().decode().strip())
    client.close()
    agent.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
