"""Logs in and drives an agent with asyncssh, for keyfob's interop tests.

    asyncssh_client.py login PORT USER COMMENT   log in with the key of that comment, run `id -un`
    asyncssh_client.py agent KEYFILE             add, list, sign, lock, unlock, remove

The agent is the one SSH_AUTH_SOCK names; the server is on 127.0.0.1. The server's
host key is not checked: that is not what is tested.
"""

import asyncio
import sys

import asyncssh


async def login(port, user, comment):
    async with asyncssh.connect_agent() as agent:
        (key,) = (key for key in await agent.get_keys() if key.get_comment() == comment)
        async with asyncssh.connect(
            "127.0.0.1",
            int(port),
            username=user,
            client_keys=[key],
            agent_path=None,
            known_hosts=None,
            config=None,
            login_timeout=20,
        ) as connection:
            result = await connection.run("id -un", check=True, timeout=20)
            print(result.stdout.strip())


async def drive(key_file):
    """The whole life of a key; prints each step that went well."""
    async with asyncssh.connect_agent() as agent:
        key = asyncssh.read_private_key(key_file)
        await agent.add_keys([key], lifetime=600)
        await agent.add_keys([key])
        (listed,) = await agent.get_keys()
        print("added")

        if listed.algorithm == b"ssh-rsa":
            listed.set_sig_algorithm(b"rsa-sha2-512")
        signature = await listed.sign_async(b"keyfob")
        public = key.convert_to_public()
        assert public.verify(b"keyfob", signature), "the signature does not verify"
        print("signed")

        await agent.lock("pass")
        assert await agent.get_keys() == [], "a locked agent lists keys"
        try:
            await agent.unlock("word")
        except ValueError:
            pass
        else:
            raise AssertionError("a wrong passphrase unlocked the agent")
        await agent.unlock("pass")
        print("locked and unlocked")

        await agent.remove_keys(await agent.get_keys())
        assert await agent.get_keys() == []
        await agent.add_keys([key])
        await agent.remove_all()
        assert await agent.get_keys() == []
        print("removed")


async def main(verb, *words):
    await asyncio.wait_for({"login": login, "agent": drive}[verb](*words), 30)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
