# root.py STORE: reads the passphrase of a key store from standard input and prints everything
# that comes from it, as lines of a name and bytes in hexadecimal.
import hashlib
import hmac
import pathlib
import sys

from nacl import bindings, pwhash

store = pathlib.Path(sys.argv[1])


def derived(secret, salt, info):
    key = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(key, info + b"\x01", hashlib.sha256)


def tell(name, secret):
    print(f"{name.replace(' ', '-')} {secret.hex()}")


def slots():
    for path in store.glob("slots/*.slot"):
        header, body = path.read_bytes().split(b"\n", 1)
        yield header, body, header.decode().split(" ")


header, body, fields = next(slot for slot in slots() if slot[2][4] == "passphrase")
memory, passes = map(int, fields[5].split(":"))
salt = bytes.fromhex(fields[6])
passphrase = sys.stdin.buffer.readline().rstrip(b"\n")
slot = pwhash.argon2id.kdf(32, passphrase, salt, opslimit=passes, memlimit=memory * 1024)
envelope = derived(slot, salt, header)
root = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(body[24:], header, body[:24], envelope)
root = root[:32]
tell("key of the slot", slot)
tell("envelope of the slot", envelope)
tell("root", root)
tell("seal of the agent", derived(root, fields[2].encode(), b"keyfob agent shield 1"))
for path in store.glob("keys/*.sealed"):
    header = path.read_bytes().split(b"\n", 1)[0]
    tell(f"envelope of {path.stem}", derived(root, bytes.fromhex(header.decode().split(" ")[-1]), header))
