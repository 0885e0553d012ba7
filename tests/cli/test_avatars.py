"""avatars export: the pictures and their page, as the format says, whole or not at all; and the pictures as URLs."""

import html.parser
import os
import urllib.parse
import xml.etree.ElementTree
import unittest

from harness import (ORDINARY_USER, PEOPLE, USAGE, CliTest, digest_of, independent, json_lines, read, sample,
                     tree, write)

import avatar_vectors

NAMES = {*(f"{index}.svg" for index in range(256)), "index.html"}


class Page(html.parser.HTMLParser):
    """What the page shows and asks for."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.images, self.attributes, self.texts = set(), [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attributes)
        if tag == "img":
            self.images.append(dict(attributes)["src"])

    def handle_data(self, text):
        if text.strip():
            self.texts.append(text.strip())


class ExportTest(CliTest):
    def export(self, *path, **options):
        folder = self.path(*path)
        return folder, self.moniker("avatars", "export", folder, **options)

    def test_the_pictures_are_those_of_the_format(self):
        folder, outcome = self.export("out")
        self.assertEqual(outcome.out, b"")
        self.assertEqual(set(os.listdir(folder)), NAMES)
        for index, picture in enumerate(avatar_vectors.draw()):
            self.assertEqual(read(os.path.join(folder, f"{index}.svg")), picture.encode("ascii"))

    def test_every_picture_is_xml(self):
        folder, _ = self.export("out")
        for index in range(256):
            root = xml.etree.ElementTree.fromstring(read(os.path.join(folder, f"{index}.svg")))
            self.assertEqual([child.tag.rpartition("}")[2] for child in root], ["rect", "path", "path"])

    def test_two_runs_write_the_same_bytes(self):
        one, _ = self.export("one")
        other, _ = self.export("other")
        self.assertEqual(tree(one), tree(other))

    def test_a_web_server_can_read_everything_whatever_the_umask(self):
        for mask in (0o000, 0o022, 0o077):
            former = os.umask(mask)
            try:
                folder, _ = self.export(f"out-{mask}")
            finally:
                os.umask(former)
            self.assertEqual(os.stat(folder).st_mode & 0o7777, 0o755)
            for name in os.listdir(folder):
                self.assertEqual(os.stat(os.path.join(folder, name)).st_mode & 0o7777, 0o644)

    def test_nothing_else_is_left_beside_the_folder(self):
        self.export("out")
        self.assertEqual(os.listdir(self.folder), ["out"])

    def test_an_empty_folder_is_filled(self):
        os.mkdir(self.path("out"), 0o700)
        folder, _ = self.export("out")
        self.assertEqual(set(os.listdir(folder)), NAMES)
        self.assertEqual(os.listdir(self.folder), ["out"])

    def test_relative_paths_and_trailing_slashes_are_taken(self):
        os.mkdir(self.path("sub"))
        for name in ("here", "./there/", "sub/below//"):
            self.moniker("avatars", "export", name)
            self.assertEqual(set(os.listdir(self.path(name))), NAMES)

    def test_what_is_there_stays(self):
        write(self.path("file"), "mine")
        os.mkdir(self.path("full"))
        write(self.path("full", "0.svg"), "mine")
        os.mkdir(self.path("empty"))
        os.symlink("empty", self.path("link"))
        os.symlink("nowhere", self.path("dangling"))
        for name, says in (("file", "no folder"), ("full", "not empty"), ("link", "no folder"),
                           ("dangling", "no folder")):
            with self.subTest(name):
                for path in (self.path(name), self.path(name) + "/"):
                    self.assert_refused("avatars", "export", path, says=(name, "is there already", says))

    def test_two_exports_do_not_become_one(self):
        self.export("out")
        self.assert_refused("avatars", "export", self.path("out"), says="not empty")

    def test_a_folder_that_cannot_be_made_is_named(self):
        write(self.path("file"), "mine")
        for name, says in (("missing/out", "No such file"), ("file/out", "Not a directory")):
            self.assert_refused("avatars", "export", self.path(name), says=(name, says))

    def test_a_folder_that_is_closed_to_the_user_is_named(self):
        self.use_a_program_for_all_users()
        os.mkdir(self.path("closed"), 0o555)
        self.assert_refused("avatars", "export", self.path("closed", "out"), user=ORDINARY_USER,
                            says=("closed/out", "Permission denied"))

    def test_usage(self):
        for arguments in (("avatars",), ("avatars", "export"), ("avatars", "export", ""), ("avatars", "draw", "out"),
                          ("avatars", "export", "out", "more"), ("avatars", "export", "out", "--size")):
            self.assert_refused(*arguments, status=USAGE)

    def test_the_page_shows_every_picture_with_its_number(self):
        folder, _ = self.export("out")
        page = Page(read(os.path.join(folder, "index.html")).decode("ascii"))
        self.assertEqual(page.images, [f"{index}.svg" for index in range(256)])
        self.assertEqual([text for text in page.texts if text.isdigit()], [str(index) for index in range(256)])

    def test_the_page_has_no_script_and_asks_nobody_else(self):
        folder, _ = self.export("out")
        text = read(os.path.join(folder, "index.html")).decode("ascii")
        page = Page(text)
        self.assertEqual(page.tags, {"html", "head", "meta", "title", "style", "body", "main", "figure", "img",
                                     "figcaption"})
        self.assertEqual(page.attributes, {"lang", "charset", "name", "content", "src", "alt"})
        for bad in ("http", "//", "url(", "@import", "javascript", "<script", "<link"):
            self.assertNotIn(bad, text)


class UrlTest(CliTest):
    def test_the_template_data_makes_the_picture_the_url(self):
        pictures = avatar_vectors.draw()
        vault = self.make_vault("vault", "--avatar-url", "data:")
        for person, line in zip(PEOPLE, self.moniker("admit", vault, sample("people.json")).lines(), strict=True):
            index = independent.avatar(digest_of(person["issuer"], person["id"]))
            self.assertEqual(line["avatar_url"], avatar_vectors.data_url(pictures[index]))
            self.assertTrue(line["avatar_url"].startswith("data:image/svg+xml,"))
            self.assertEqual(urllib.parse.unquote(line["avatar_url"]).partition(",")[2], pictures[index])

    def test_the_option_of_admit_stands_before_the_vault(self):
        vault = self.make_vault("vault", "--avatar-url", "https://a.example/{avatar}")
        line = self.moniker("admit", vault, "--avatar-url", "data:", input=json_lines([PEOPLE[0]])).lines()[0]
        self.assertTrue(line["avatar_url"].startswith("data:image/svg+xml,"))

    def test_every_platform_with_avatars_takes_the_picture_as_url(self):
        vault = self.make_vault("vault", "--avatar-url", "data:")
        taken = 0
        for platform in self.moniker("platforms", "--json").lines():
            lines = self.moniker("admit", vault, "--platform", platform["platform"], input=json_lines(PEOPLE)).lines()
            if not platform["avatar_url"]:
                continue
            taken += 1
            for line in lines:
                self.assertTrue(line[platform["avatar_url"]].startswith("data:image/svg+xml,"), platform["platform"])
        self.assertGreaterEqual(taken, 10)

    def test_a_url_that_is_nearly_data_is_refused(self):
        vault = self.make_vault()
        for bad in ("data", "data:,", "DATA:", "data:image/svg+xml,{avatar}", " data:", "data: "):
            self.assert_refused("admit", vault, "--avatar-url", bad, input=json_lines([PEOPLE[0]]), status=USAGE,
                                says=("--avatar-url", "data:"))


if __name__ == "__main__":
    unittest.main()
