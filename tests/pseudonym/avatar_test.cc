#include "moniker/avatar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/vector_file.h"

namespace moniker {
namespace {

using testing::ReadVectors;
using testing::VectorFile;

std::vector<std::uint8_t> Indexes() {
  std::vector<std::uint8_t> all;
  for (int index = 0; index < 256; ++index) all.push_back(static_cast<std::uint8_t>(index));
  return all;
}

// An element without content, or the one around it.
struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  bool empty = false;
};

// A reader of the little XML that a picture may be: nested elements with quoted attributes, no
// text. What is anything else is std::nullopt, so that it also tells what is well-formed.
class XmlReader {
 public:
  explicit XmlReader(std::string text) : text_(std::move(text)) {}

  std::optional<std::vector<Element>> Read() {
    std::vector<std::string> open;
    std::vector<Element> elements;
    while (at_ < text_.size()) {
      if (!Take("<")) return std::nullopt;
      if (Take("/")) {
        if (open.empty() || !Take(open.back() + ">")) return std::nullopt;
        open.pop_back();
        if (open.empty()) return at_ == text_.size() ? std::optional(elements) : std::nullopt;
        continue;
      }
      Element element;
      if (!ReadTag(&element)) return std::nullopt;
      if (!element.empty) open.push_back(element.name);
      elements.push_back(std::move(element));
    }
    return std::nullopt;
  }

 private:
  bool ReadTag(Element* element) {
    element->name = Word();
    if (element->name.empty()) return false;
    while (Take(" ")) {
      const std::string name = Word();
      if (name.empty() || !Take("=\"")) return false;
      const std::size_t end = text_.find('"', at_);
      if (end == std::string::npos) return false;
      const std::string value = text_.substr(at_, end - at_);
      if (value.find_first_of("<&") != std::string::npos) return false;
      if (!element->attributes.emplace(name, value).second) return false;
      at_ = end + 1;
    }
    element->empty = Take("/");
    return Take(">");
  }

  std::string Word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           ((text_[at_] >= 'a' && text_[at_] <= 'z') || (text_[at_] >= 'A' && text_[at_] <= 'Z'))) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  bool Take(const std::string& expected) {
    if (text_.compare(at_, expected.size(), expected) != 0) return false;
    at_ += expected.size();
    return true;
  }

  std::string text_;
  std::size_t at_ = 0;
};

using Point = std::pair<int, int>;

// The points of a path of absolute M, L, Q, C, A and Z with whole coordinates; empty if it is
// anything else.
std::multiset<Point> PointsOf(const std::string& path) {
  const std::map<char, std::size_t> numbers = {{'M', 2}, {'L', 2}, {'Q', 4}, {'C', 6}, {'A', 7}};
  std::multiset<Point> points;
  for (std::size_t at = 0; at < path.size();) {
    const char command = path[at++];
    if (command == 'Z') continue;
    const auto expected = numbers.find(command);
    if (expected == numbers.end()) return {};
    std::vector<int> values;
    while (values.size() < expected->second) {
      const std::size_t end = path.find_first_not_of("0123456789", at);
      if (end == at || end == std::string::npos) return {};
      values.push_back(std::atoi(path.substr(at, end - at).c_str()));
      at = end;
      if (values.size() < expected->second && path[at++] != ' ') return {};
    }
    if (command == 'A') {
      if (values[0] != values[1] || values[2] != 0) return {};  // of a circle
      values.erase(values.begin(), values.begin() + 5);
    }
    for (std::size_t i = 0; i < values.size(); i += 2) points.insert({values[i], values[i + 1]});
  }
  return points;
}

std::multiset<Point> Mirrored(const std::multiset<Point>& points) {
  std::multiset<Point> mirrored;
  for (const auto& [x, y] : points) mirrored.insert({48 - x, y});
  return mirrored;
}

// The points at which a path begins are twice in it if it closes by itself, and once if by Z.
std::set<Point> Distinct(const std::multiset<Point>& points) {
  return {points.begin(), points.end()};
}

std::vector<Element> ElementsOf(std::uint8_t index) {
  return XmlReader(AvatarSvg(index)).Read().value_or(std::vector<Element>{});
}

std::string Decoded(const std::string& url) {
  std::string decoded;
  for (std::size_t i = 0; i < url.size(); ++i) {
    if (url[i] == '%') {
      decoded += static_cast<char>(std::stoi(url.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      decoded += url[i];
    }
  }
  return decoded;
}

// --- The document ---

TEST(AvatarSvgTest, PicturesAreThoseThatTheDocumentDraws) {
  std::set<std::string> compared;
  for (const VectorFile& vector : ReadVectors("avatar", "avatar")) {
    for (const std::uint8_t index : Indexes()) {
      const std::string key = "svg-" + std::to_string(index);
      if (!vector.Has(key)) continue;
      compared.insert(key);
      EXPECT_EQ(AvatarSvg(index), vector.Get(key));
    }
  }
  EXPECT_EQ(compared.size(), 256u);
}

TEST(AvatarSvgTest, NoTwoPicturesAreAlike) {
  std::set<std::string> pictures;
  for (const std::uint8_t index : Indexes()) pictures.insert(AvatarSvg(index));
  EXPECT_EQ(pictures.size(), 256u);
}

TEST(AvatarSvgTest, EveryDrawingWithoutColoursIsThatOfFourPictures) {
  std::map<std::string, int> drawings;
  for (const std::uint8_t index : Indexes()) {
    const std::vector<Element> elements = ElementsOf(index);
    ASSERT_EQ(elements.size(), 4u);
    ++drawings[elements[2].attributes.at("d") + elements[3].attributes.at("d")];
  }
  EXPECT_EQ(drawings.size(), 64u);
  for (const auto& [drawing, pictures] : drawings) EXPECT_EQ(pictures, 4) << drawing;
}

TEST(AvatarSvgTest, IsWellFormedAndHasNothingButThreeShapes) {
  for (const std::uint8_t index : Indexes()) {
    SCOPED_TRACE(static_cast<int>(index));
    const auto elements = XmlReader(AvatarSvg(index)).Read();
    ASSERT_TRUE(elements.has_value());
    ASSERT_EQ(elements->size(), 4u);
    EXPECT_EQ((*elements)[0].name, "svg");
    EXPECT_EQ((*elements)[0].attributes.at("xmlns"), "http://www.w3.org/2000/svg");
    EXPECT_EQ((*elements)[0].attributes.at("viewBox"), "0 0 48 48");
    EXPECT_EQ((*elements)[1].name, "rect");
    for (const std::size_t shape : {2u, 3u}) {
      EXPECT_EQ((*elements)[shape].name, "path");
      EXPECT_EQ((*elements)[shape].attributes.size(), 2u);
    }
  }
}

TEST(AvatarSvgTest, TheReaderOfTheseTestsRefusesWhatIsNotWellFormed) {
  for (const std::string bad :
       {"", "<svg", "<svg>", "<svg></sv>", "<svg/>", "<svg><a></svg></a>", "<svg>text</svg>",
        "<svg a=\"1\" a=\"2\"></svg>", "<svg a=1></svg>", "<svg a=\"<\"></svg>", "<svg></svg> "}) {
    EXPECT_FALSE(XmlReader(bad).Read().has_value()) << bad;
  }
  EXPECT_TRUE(XmlReader("<svg a=\"1\"><b/><c d=\"\"></c></svg>").Read().has_value());
}

TEST(AvatarSvgTest, HasNoScriptReferenceOrStyle) {
  for (const std::uint8_t index : Indexes()) {
    const std::string svg = AvatarSvg(index);
    for (const char* const bad : {"script", "href", "url(", "style", "<!", "<?", "&", "on", "@",
                                  "image", "foreignObject", "data"}) {
      EXPECT_EQ(svg.find(bad), std::string::npos) << bad << " in " << svg;
    }
    EXPECT_EQ(svg.find("://"), svg.rfind("://")) << "more than the name space in " << svg;
  }
}

TEST(AvatarSvgTest, IsShortAndOfPrintableAscii) {
  for (const std::uint8_t index : Indexes()) {
    const std::string svg = AvatarSvg(index);
    EXPECT_LT(svg.size(), 512u);
    EXPECT_TRUE(std::all_of(svg.begin(), svg.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

TEST(AvatarSvgTest, IsMirroredAtItsMiddleByConstruction) {
  for (const std::uint8_t index : Indexes()) {
    const std::vector<Element> elements = ElementsOf(index);
    ASSERT_EQ(elements.size(), 4u);
    for (const std::size_t shape : {2u, 3u}) {
      const std::string& path = elements[shape].attributes.at("d");
      const std::multiset<Point> points = PointsOf(path);
      ASSERT_GE(points.size(), 2u) << path;
      EXPECT_EQ(Distinct(points), Distinct(Mirrored(points))) << path;
    }
  }
}

TEST(AvatarSvgTest, TheMirrorOfTheseTestsFindsOneShiftedPoint) {
  const std::multiset<Point> points = PointsOf("M24 14L34 24L24 34L15 24Z");
  EXPECT_NE(Distinct(points), Distinct(Mirrored(points)));
  EXPECT_TRUE(PointsOf("M24 14l34 24Z").empty());
  EXPECT_TRUE(PointsOf("M24 14.5L34 24Z").empty());
  EXPECT_TRUE(PointsOf("M24 14A9 8 0 0 1 30 30Z").empty());
}

TEST(AvatarSvgTest, FormsAndFiguresLieInTheCircleThatClientsCutOut) {
  for (const std::uint8_t index : Indexes()) {
    const std::vector<Element> elements = ElementsOf(index);
    ASSERT_EQ(elements.size(), 4u);
    for (const auto& [x, y] : PointsOf(elements[3].attributes.at("d"))) {
      EXPECT_LE((x - 24) * (x - 24) + (y - 24) * (y - 24), 18 * 18) << static_cast<int>(index);
    }
  }
}

// --- URLs ---

TEST(AvatarDataUrlTest, IsThePicture) {
  for (const std::uint8_t index : Indexes()) {
    EXPECT_EQ(Decoded(AvatarDataUrl(index)), "data:image/svg+xml," + AvatarSvg(index));
  }
}

TEST(AvatarDataUrlTest, IsTheOneOfTheVectors) {
  for (const VectorFile& vector : ReadVectors("avatar", "avatar-url")) {
    EXPECT_EQ(AvatarDataUrl(0), vector.Get("url-0"));
    EXPECT_EQ(AvatarDataUrl(255), vector.Get("url-255"));
  }
}

TEST(AvatarDataUrlTest, NeedsNoEscapeInHtmlCssAndJson) {
  const std::string unreserved_or_safe =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/:=.%,+";
  for (const std::uint8_t index : Indexes()) {
    EXPECT_EQ(AvatarDataUrl(index).find_first_not_of(unreserved_or_safe), std::string::npos);
  }
}

TEST(AvatarDataUrlTest, IsShorterThanEveryPlatformTakes) {
  for (const std::uint8_t index : Indexes()) EXPECT_LT(AvatarDataUrl(index).size(), 1024u);
}

TEST(AvatarUrlTest, PutsTheIndexInPlaceOfThePlaceholder) {
  EXPECT_EQ(AvatarUrl("https://a.example/{avatar}.svg", 0), "https://a.example/0.svg");
  EXPECT_EQ(AvatarUrl("https://a.example/{avatar}.svg", 255), "https://a.example/255.svg");
  EXPECT_EQ(AvatarUrl("https://a{avatar}.example/", 7), "https://a7.example/");
}

TEST(AvatarUrlTest, IsTheTemplateItselfWhereThatHasNoPlaceholder) {
  EXPECT_EQ(AvatarUrl("https://a.example/one.svg", 9), "https://a.example/one.svg");
  EXPECT_EQ(AvatarUrl("", 9), "");
}

TEST(AvatarUrlTest, IsThePictureForTheTemplateData) {
  EXPECT_EQ(AvatarUrl("data:", 211), AvatarDataUrl(211));
}

}  // namespace
}  // namespace moniker
