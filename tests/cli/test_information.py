"""platforms, version, and the help of each command."""

import re
import unittest

from harness import USAGE, CliTest

COMMANDS = ("init", "admit", "check", "bind", "resolve", "pseudonymize", "reidentify", "identifiers", "keys",
            "statement", "avatars", "platforms", "version")
# platforms.md: the seven SDKs of section 1 and the fifteen platforms of section 2.
PLATFORMS = ("dolbyio-web", "dolbyio-ios", "dolbyio-android", "dolbyio-cpp", "dolbyio-dotnet", "dolbyio-flutter",
             "dolbyio-react-native", "livekit", "twilio-video", "agora", "daily", "zoom-video", "vonage", "chime",
             "ivs", "azure-communication", "jitsi", "matrix", "stream", "sendbird", "cometchat", "zego-zim")
# Field of the ID, its limit, field of the name, its limit; 0: none is documented.
LIMITS = {"dolbyio-cpp": ("externalId", 1024, "name", 0), "livekit": ("identity", 256, "name", 256),
          "twilio-video": ("identity", 128, "", 0), "agora": ("userAccount", 255, "", 0),
          "daily": ("user_id", 36, "user_name", 0), "zoom-video": ("user_key", 35, "userName", 200),
          "chime": ("ExternalUserId", 64, "", 0), "ivs": ("userId", 128, "", 0),
          "azure-communication": ("", 0, "displayName", 256), "stream": ("id", 255, "name", 0),
          "sendbird": ("user_id", 80, "nickname", 80), "cometchat": ("uid", 100, "name", 100),
          "zego-zim": ("userID", 32, "userName", 256)}


class PlatformsTest(CliTest):
    def test_every_platform_is_a_row_under_a_heading(self):
        lines = self.moniker("platforms").out.decode("ascii").splitlines()
        self.assertGreaterEqual(len(lines), 1 + 22)
        self.assertEqual([line.split()[0] for line in lines][1:], ["generic", *PLATFORMS])

    def test_json_has_one_object_a_row_with_the_same_platforms(self):
        rows = self.moniker("platforms", "--json").lines()
        self.assertEqual([row["platform"] for row in rows], ["generic", *PLATFORMS])
        for row in rows:
            self.assertEqual(set(row), {"platform", "title", "type", "id_rendering", "id", "id_max", "name", "name_max",
                                        "avatar_url", "avatar_url_max", "metadata", "metadata_field", "note"})
            self.assertIn(row["id_rendering"], ("external-id", "uuid", "none"))

    def test_metadata_goes_into_the_id_or_a_field_of_its_own_where_there_is_room(self):
        places = {row["platform"]: (row["metadata"], row["metadata_field"])
                  for row in self.moniker("platforms", "--json").lines()}
        in_the_id = ["generic", *(key for key in PLATFORMS if key.startswith("dolbyio-")), "vonage"]
        self.assertEqual(len(in_the_id), 9)
        self.assertEqual(places, {**{key: ("none", "") for key in places},
                                  **{key: ("in-external-id", "") for key in in_the_id},
                                  "livekit": ("own-field", "metadata")})
        table = self.moniker("platforms").out.decode("ascii").splitlines()
        self.assertEqual(sum("in the ID" in line for line in table), 9)
        self.assertRegex([line for line in table if line.startswith("livekit")][0], r"  metadata  ")

    def test_spellings_and_limits_are_those_of_the_document(self):
        rows = {row["platform"]: row for row in self.moniker("platforms", "--json").lines()}
        for platform, expected in LIMITS.items():
            row = rows[platform]
            self.assertEqual((row["id"], row["id_max"], row["name"], row["name_max"]), expected, platform)


class VersionTest(CliTest):
    def test_the_version_is_printed(self):
        self.assertRegex(self.moniker("version").out.decode(), r"\Amoniker \d+\.\d+\.\d+\n\Z")

    def test_json_has_the_versions_of_the_formats(self):
        [line] = self.moniker("version", "--json").lines()
        self.assertRegex(line.pop("version"), r"\A\d+\.\d+\.\d+\Z")
        self.assertEqual(line, {"pseudonym_format": 1, "keyring_format": 1, "mapping_store_format": 2,
                                "metadata_format": 1})


class HelpTest(CliTest):
    def test_each_command_has_a_help_and_it_exits_with_0(self):
        for arguments in [()] + [(command,) for command in COMMANDS]:
            for option in ("--help", "-h"):
                outcome = self.moniker(*arguments, option)
                self.assertEqual(outcome.err, "")
                self.assertIn("Usage: moniker", outcome.out.decode())
                self.assertIn("Exit status: 0 done", outcome.out.decode())

    def test_the_help_of_the_program_lists_its_commands(self):
        text = self.moniker("--help").out.decode()
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^  {command} ")

    def test_the_help_of_a_command_lists_its_options(self):
        options = {
            "init": "--app --suite --mode --import-root --issuer --avatar-url --key-file --passphrase-file --quiet",
            "admit": "--conference --platform --role --label --epoch --metadata --avatar-url --key-file "
                     "--passphrase-file --quiet",
            "identifiers": "--key-file --passphrase-file --quiet", "keys": "--key-file --passphrase-file --quiet",
            "statement": "--key-file --passphrase-file --quiet",
            "check": "--outbound --key-file --passphrase-file --quiet", "bind": "--key-file --passphrase-file --quiet",
            "resolve": "--actor --purpose --key-file --passphrase-file --quiet",
            "pseudonymize": "--column --add --drop --null-values --name-column --role --enroll --conference "
                            "--conference-column --as --label --epoch --from --to --separator --quote --ragged "
                            "--on-error --report --threads --output --out-dir",
            "reidentify": "--actor --purpose --participants --name-column --from --output",
            "platforms": "--json", "version": "--json"}
        for command, expected in options.items():
            text = self.moniker(command, "--help").out.decode()
            for option in expected.split():
                self.assertRegex(text, rf"{re.escape(option)}\b", command)

    def test_no_arguments_at_all_are_a_usage_error(self):
        outcome = self.moniker(status=USAGE)
        self.assertIn("--help", outcome.err)


if __name__ == "__main__":
    unittest.main()
