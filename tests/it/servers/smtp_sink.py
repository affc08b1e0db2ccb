"""An SMTP receiver for tests: keeps every mail it accepts as N.eml and N.json in a folder, and writes its port to `port`."""

import argparse
import asyncio
import json
import os
import signal
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        local_part = address.split("@")[0]
        if local_part == "permanent":
            return "550 5.1.1 no such user here"
        if local_part == "temporary":
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        self.write(f"{self.count}.eml", envelope.content)
        about = {"from": envelope.mail_from, "rcpts": envelope.rcpt_tos}
        self.write(f"{self.count}.json", json.dumps(about).encode())
        self.count += 1
        if any(rcpt.startswith("hangup@") for rcpt in envelope.rcpt_tos):
            server.transport.abort()
        return "250 2.0.0 kept"

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path + ".part", "wb") as file:
            file.write(content)
        os.rename(path + ".part", path)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--starttls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--login", nargs=2, metavar=("USER", "PASSWORD"))
    return parser.parse_args()


async def serve(settings):
    keeper = Keeper(settings.folder)
    options = {"hostname": "localhost", "enable_SMTPUTF8": True}
    if settings.starttls:
        options["tls_context"] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        options["tls_context"].load_cert_chain(*settings.starttls)
        options["require_starttls"] = True
    if settings.login:
        expected = tuple(word.encode() for word in settings.login)

        def authenticate(server, session, envelope, mechanism, data):
            return AuthResult(success=(data.login, data.password) == expected, handled=False)

        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=bool(settings.starttls))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, **options), "127.0.0.1", 0)
    keeper.write("port", str(server.sockets[0].getsockname()[1]).encode())
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


asyncio.run(serve(arguments()))
