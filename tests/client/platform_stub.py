"""A platform on this machine: takes the requests of its REST client over TLS, keeps every byte of them, and answers
with what it was told, in the shapes of its documentation (the samples in tests/data).

Nothing here knows Moniker: a session is opened with three texts, as an SDK does.
"""

import json
import random
import socket
import socketserver
import ssl
import subprocess
import threading
import urllib.parse
import uuid

CONFERENCE = "a88484c6-2a47-4691-86e2-933eec80b316"
PORT = 443  # fixed in the client


class Platform:
    def __init__(self, folder):
        self.received = []    # all bytes of each request
        self.requests = []    # (method, path, body)
        self.sessions = {}    # participant ID: (external ID, name, avatar URL)
        self.conference = {}  # what its creation said
        self.server = self.listen()
        self.address = self.server.server_address[0]
        self.certificate = f"{folder}/certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=stub", "-addext", f"subjectAltName=IP:{self.address}",
                        "-keyout", f"{folder}/key.pem", "-out", self.certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, f"{folder}/key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def listen(self):
        """On an address of its own, so that several can run at once."""
        platform = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                platform.handle(self.request)

        for _ in range(100):
            address = ".".join(["127", *(str(random.randrange(1, 255)) for _ in range(3))])
            try:
                return socketserver.TCPServer((address, PORT), Handler)
            except PermissionError:
                raise
            except OSError:
                continue
        raise AssertionError(f"no address of this machine has port {PORT} free")

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def open_session(self, external_id, name, avatar_url):
        """What an SDK sends, and the participant ID that it is given."""
        participant = str(uuid.uuid5(uuid.NAMESPACE_URL, external_id))
        self.sessions[participant] = (external_id, name, avatar_url)
        return participant

    def handle(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part:
                return
            data += part
        head, body = data.split(b"\r\n\r\n", 1)
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        while len(body) < int(headers.get(b"content-length", 0)):
            body += connection.recv(65536)
        self.received.append(head + b"\r\n\r\n" + body)
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        path = urllib.parse.urlsplit(target).path
        form = b"form-urlencoded" in headers.get(b"content-type", b"")
        self.requests.append((method, path, json.loads(body) if body and not form else body.decode()))
        answer = self.answer(method, path)
        text = b"" if answer is None else json.dumps(answer, indent=1).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(text) + text)
        connection.shutdown(socket.SHUT_WR)

    def answer(self, method, path):
        body = self.requests[-1][2]
        if path in ("/v1/auth/token", "/v2/client-access-token"):
            return {"token_type": "Bearer", "access_token": f"token-{len(self.requests)}", "expires_in": 600}
        if path == "/v2/conferences/create":
            self.conference = body
            return {"conferenceId": CONFERENCE, "conferenceAlias": body["alias"], "isProtected": True,
                    "ownerToken": "secret", "usersTokens": self.tokens(body)}
        if path == f"/v2/conferences/{CONFERENCE}/invite":
            return self.tokens(body)
        if path == f"/v2/conferences/{CONFERENCE}/participants":
            return {"participants": [
                {"userId": participant, "externalId": external_id, "name": name, "avatarUrl": avatar_url,
                 "ipAddress": "192.0.2.7", "userAgent": "Mozilla/5.0", "nbSession": 1}
                for participant, (external_id, name, avatar_url) in self.sessions.items()]}
        if path == "/v1/monitor/conferences":
            return {"first": "a", "next": "", "conferences": [self.monitored()]}
        if path == f"/v1/monitor/conferences/{CONFERENCE}":
            return self.monitored()
        if path == f"/v1/monitor/conferences/{CONFERENCE}/participants":
            return {"first": "a", "next": "", "participants": {
                participant: {"connections": [{"start": 1602086897206, "userMetadata": {
                    "userID": participant, **self.metadata(participant)}}], "stats": {"score": 0.5}}
                for participant in self.sessions}}
        if path == f"/v1/monitor/conferences/{CONFERENCE}/webhooks":
            return {"first": "a", "next": "", "webhooks": [
                {"id": f"w{number}", "confId": CONFERENCE, "webhook": json.dumps(
                    {"eventType": "Participant.Joined", "participant": {"userId": participant,
                                                                        **self.metadata(participant)}})}
                for number, participant in enumerate(self.sessions)]}
        if path == "/v2/monitor/recordings":
            return {"first": "a", "next": "", "recordings": [
                {"conference": {"confId": CONFERENCE, "ownerId": participant},
                 "filename": f"record_1602086897206_conn_{participant}_1602086897999.mp3"}
                for participant in self.sessions]}
        if method == "POST" and path.endswith("/message") or method == "DELETE":
            return None
        raise AssertionError(f"the client asks for {method} {path}")

    @staticmethod
    def tokens(body):
        return {external_id: f"secret-{number}" for number, external_id in enumerate(body["participants"])}

    def metadata(self, participant):
        external_id, name, avatar_url = self.sessions[participant]
        return {"externalName": name, "externalId": external_id, "externalPhotoUrl": avatar_url, "ipAddress": "192.0.2.7"}

    def monitored(self):
        owner = next(participant for participant, session in self.sessions.items()
                     if session[0] == self.conference["ownerExternalId"])
        return {"confId": CONFERENCE, "alias": self.conference["alias"], "region": "eu", "live": False,
                "nbUsers": len(self.sessions), "owner": {"userId": owner, "metadata": self.metadata(owner)}}
