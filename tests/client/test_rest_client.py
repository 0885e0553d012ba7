"""The platform's own REST client (npm, MIT licence) sends nothing of the persons, and what it gets back is
re-identified.

Usage: test_rest_client.py MONIKER FOLDER      (the client is fetched into FOLDER once)
"""

import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "cli")]

from harness import find_markers, missing_right  # noqa: E402
from platform_stub import CONFERENCE, Platform  # noqa: E402
from test_leaks import EMAIL, IDENTIFIER, NAME, NOTES, PERSONS, UNICODE_NAME  # noqa: E402

MONIKER = pathlib.Path(sys.argv[1]).resolve()
FOLDER = pathlib.Path(sys.argv[2]).resolve()
HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = {"@dolbyio/dolbyio-rest-apis-client": "4.1.0", "follow-redirects": "1.15.5"}
MARKERS = [NAME, IDENTIFIER, EMAIL, NOTES, UNICODE_NAME, "mark-qzx-0078-identifier", "qzx", "Qzx"]
PEOPLE = [dict(PERSONS[0], role="Patient"), dict(PERSONS[1], role="Clinician"),
          {"issuer": "mrn.hospital-a", "id": "qzx-third-identifier", "name": "Ottilieqzx Marteqzx", "role": "Patient"}]
REASON = ("--actor", "records", "--purpose", "billing")
ANSWERS = ("created", "invited", "live", "conferences", "conference", "participants", "webhooks", "recordings")


def fetch_client():
    modules = FOLDER / "node_modules"
    for name, version in PACKAGES.items():
        if (modules / name / "package.json").exists():
            continue
        said = subprocess.run(["npm", "pack", "--silent", "--pack-destination", FOLDER, f"{name}@{version}"], check=True,
                              stdout=subprocess.PIPE, text=True, timeout=240)
        with tempfile.TemporaryDirectory(dir=FOLDER) as unpacked:
            with tarfile.open(FOLDER / said.stdout.split()[-1]) as archive:
                archive.extractall(unpacked)
            (modules / name).parent.mkdir(parents=True, exist_ok=True)
            os.rename(pathlib.Path(unpacked, "package"), modules / name)


class RestClient(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        FOLDER.mkdir(parents=True, exist_ok=True)
        fetch_client()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.moniker("init", "clinic.vault", "--app", "clinic-7", "--key-file", "clinic.key", "--avatar-url",
                     "https://avatars.example.org/{avatar}.svg")
        try:
            self.platform = Platform(self.folder)
        except PermissionError:
            missing_right("the right to listen on port 443, which is fixed in the client")
        self.addCleanup(self.platform.close)

    def moniker(self, *arguments, input="", statuses=(0,)):
        done = subprocess.run([MONIKER, *arguments, "--quiet"], cwd=self.folder, capture_output=True, text=True, input=input)
        self.assertIn(done.returncode, statuses, done.stderr)
        return done.stdout

    def admit(self, *options):
        """Admits all, opens their sessions as an SDK does, and binds them. What the platform was given of each."""
        lines = self.moniker("admit", "clinic.vault", *options, input="".join(json.dumps(one) + "\n" for one in PEOPLE))
        identities = [json.loads(line) for line in lines.splitlines()]
        for one in identities:
            one["participant_id"] = self.platform.open_session(one["external_id"], one["name"], one["avatar_url"])
        self.moniker("bind", "clinic.vault", input="".join(json.dumps(one) + "\n" for one in identities))
        return identities

    def visit(self, identities, alias="room-4f1c", message="ten more minutes, please"):
        """Lets the client go through a visit. What it logged."""
        environment = dict(os.environ, NODE_PATH=str(FOLDER / "node_modules"),
                           NODE_EXTRA_CA_CERTS=self.platform.certificate)
        done = subprocess.run(["node", HERE / "session.cjs", self.platform.address, self.folder], env=environment,
                              capture_output=True, timeout=240,
                              input=json.dumps({"alias": alias, "message": message,
                                                "people": [one["external_id"] for one in identities]}).encode())
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout

    def test_the_client_asks_for_what_it_is_told_with_admitted_ids_alone(self):
        identities = self.admit("--conference", "the visit of " + NAME)
        self.visit(identities)
        ids = [one["external_id"] for one in identities]
        owner, *others = ids
        asked = self.platform.requests
        self.assertEqual([(method, path) for method, path, _ in asked], [
            ("POST", "/v1/auth/token"), *[("POST", "/v2/client-access-token")] * 3,
            ("POST", "/v2/conferences/create"), ("POST", f"/v2/conferences/{CONFERENCE}/invite"),
            ("POST", f"/v2/conferences/{CONFERENCE}/message"), ("GET", f"/v2/conferences/{CONFERENCE}/participants"),
            ("DELETE", f"/v2/conferences/{CONFERENCE}"), ("GET", "/v1/monitor/conferences"),
            ("GET", f"/v1/monitor/conferences/{CONFERENCE}"),
            ("GET", f"/v1/monitor/conferences/{CONFERENCE}/participants"),
            ("GET", f"/v1/monitor/conferences/{CONFERENCE}/webhooks"), ("GET", "/v2/monitor/recordings")])
        self.assertEqual([body["externalId"] for _, path, body in asked if path == "/v2/client-access-token"], ids)
        self.assertEqual([body["sessionScope"] for _, path, body in asked if path == "/v2/client-access-token"],
                         ["conf:create notifications:set"] * 3)
        created, invited, message = (body for _, path, body in asked[4:7])
        self.assertEqual((created["ownerExternalId"], list(created["participants"])), (owner, [owner]))
        self.assertEqual(list(invited["participants"]), others)
        self.assertEqual((message["from"], message["to"]), (owner, others))

    def test_no_byte_of_a_person_is_sent_or_logged(self):
        for options in ((), ("--conference", "the visit of " + NAME), ("--label", "words", "--conference", IDENTIFIER)):
            with self.subTest(options=options):
                self.platform.received.clear()
                logged = self.visit(self.admit(*options))
                sent = b"\n".join(self.platform.received)
                self.assertEqual(len(self.platform.received), 14)
                self.assertEqual(find_markers(sent, MARKERS), [])
                self.assertEqual(find_markers(logged, MARKERS), [])
                told = json.dumps(list(self.platform.sessions.values())).encode()
                self.assertEqual(find_markers(told, MARKERS), [])

    def test_what_the_application_sends_itself_would_be_seen_and_is_refused_by_the_check(self):
        identities = self.admit()
        alias = "visit-of-" + NAME.split()[0]
        self.visit(identities, alias=alias, message="for " + EMAIL)
        sent = b"\n".join(self.platform.received)
        self.assertIn(f"{EMAIL} (raw)", find_markers(sent, MARKERS))
        self.assertIn("qzx (raw)", find_markers(sent, MARKERS))
        person = dict(PEOPLE[0])
        for text, refused in ((alias, True), ("for " + EMAIL, True), ("room-4f1c", False)):
            said = self.moniker("check", "clinic.vault", "--outbound", statuses=(0, 3),
                                input=json.dumps(dict(person, text=text)))
            self.assertEqual(json.loads(said)["refused"], refused, text)

    def test_every_answer_is_reidentified(self):
        for options in ((), ("--conference", "visit-42", "--label", "words")):
            self.platform.sessions.clear()
            identities = self.admit(*options)
            self.visit(identities)
            for answer in ANSWERS:
                with self.subTest(options=options, answer=answer):
                    text = (self.folder / f"{answer}.json").read_text()
                    self.assertTrue(any(one["external_id"] in text or one["participant_id"] in text for one in identities))
                    found = self.moniker("reidentify", "clinic.vault", *REASON, "--from", "json", f"{answer}.json")
                    self.assertEqual(json.loads(found), self.put_back(json.loads(text), identities))
            # The recordings are known by participant IDs alone, which stay unless they are asked for.
            found = self.moniker("reidentify", "clinic.vault", *REASON, "--participants", "id", "--from", "json",
                                 "recordings.json")
            for one, person in zip(identities, PEOPLE):
                self.assertIn(f"_conn_{person['id']}_", found)
                self.assertNotIn(one["participant_id"], found)

    def put_back(self, value, identities):
        """What re-identification shall give, by itself: IDs become identifiers and display names real names, also as
        keys and in strings that hold JSON."""
        known = {one["external_id"]: person["id"] for one, person in zip(identities, PEOPLE)}
        known.update((one["name"], person["name"]) for one, person in zip(identities, PEOPLE))
        if isinstance(value, dict):
            return {known.get(key, key): self.put_back(member, identities) for key, member in value.items()}
        if isinstance(value, list):
            return [self.put_back(element, identities) for element in value]
        if isinstance(value, str) and value.startswith("{"):
            return json.dumps(self.put_back(json.loads(value), identities), ensure_ascii=False)
        return known.get(value, value) if isinstance(value, str) else value


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
