#include "pseudonym/plain_subjects.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <string>
#include <vector>

#include "pseudonym/subject.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kMemory = std::size_t{16} << 10;

std::string ExpectedSubject(const Identifier& identifier) {
  std::uint8_t memory[kMaxSubjectSize];
  ByteWriter writer(memory);
  const Result<ByteView> subject = AppendSubject(identifier, &writer);
  return subject.ok() ? std::string(subject->begin(), subject->end()) : std::string();
}

class PlainSubjectsTest : public ::testing::TestWithParam<PlainWriter> {
 protected:
  PlainSubjectsTest() : memory_(kMemory + kSubjectStep) {
    const auto at = reinterpret_cast<std::uintptr_t>(memory_.data());
    steps_ = std::span(memory_).subspan(RoomOfSubject(at) - at, kMemory);
  }

  // How many were written. They are right, and lie in the first `room` bytes of the memory alone.
  std::size_t Write(std::span<const Identifier> identifiers, std::size_t room = kMemory) {
    std::fill(memory_.begin(), memory_.end(), std::uint8_t{0xEE});
    PlainIssuer issuer;
    issuer.Set(identifiers[0].issuer);
    std::vector<ByteView> subjects(identifiers.size() + 1);
    const std::size_t count =
        GetParam().write(issuer, identifiers, steps_.first(room), subjects.data());
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(std::string(subjects[i].begin(), subjects[i].end()),
                ExpectedSubject(identifiers[i]))
          << i;
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(subjects[i].data()) % kSubjectStep, 0u);
    }
    for (const std::uint8_t byte : steps_.subspan(room)) EXPECT_EQ(byte, 0xEE);
    EXPECT_EQ(subjects.back().data(), nullptr);
    return count;
  }

  std::size_t WriteIds(const std::vector<std::string>& ids, std::string_view issuer = "mrn.a") {
    std::vector<Identifier> identifiers;
    for (const std::string& id : ids) identifiers.push_back({issuer, id});
    return Write(identifiers);
  }

 private:
  std::vector<std::uint8_t> memory_;
  ByteSpan steps_;
};

TEST_P(PlainSubjectsTest, AreThoseOfTheFormatForAllSizesAndIssuers) {
  for (const std::size_t issuer_size : {1u, 12u, 18u, 28u, 29u, 59u, 60u, 61u, 64u}) {
    const std::string issuer(issuer_size, 'i');
    for (std::size_t size = 1; size <= kMaxIdentifierSize; size += size < 200 ? 1 : 103) {
      const std::string id(size, '7');
      EXPECT_EQ(WriteIds({id, "1", id, id}, issuer), 4u) << issuer_size << " " << size;
    }
  }
}

TEST_P(PlainSubjectsTest, EveryByteThatIsNotPrintableAsciiStopsThemAtEveryPlace) {
  for (const std::size_t size : {1u, 8u, 15u, 17u, 40u, 70u}) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string id(size, '~');
        id[place] = static_cast<char>(byte);
        const bool is_blank_at_end = byte == ' ' && (place == 0 || place == size - 1);
        const bool is_plain = byte >= 0x20 && byte < 0x7F && !is_blank_at_end;
        ASSERT_EQ(WriteIds({"12", id, "34"}), is_plain ? 3u : 1u)
            << size << " " << place << " " << byte;
      }
    }
  }
}

TEST_P(PlainSubjectsTest, StopAtAnotherIssuerOrKindAndAtSizesThatNoneHas) {
  const std::string longer(kMaxIdentifierSize + 1, '1');
  for (const Identifier& other :
       {Identifier{"mrn.b", "1"}, Identifier{"mrn.ab", "1"}, Identifier{"mrn.a", ""},
        Identifier{"mrn.a", longer}, Identifier{"mrn.a", "1", IdentifierKind::kText}}) {
    const std::vector<Identifier> identifiers = {{"mrn.a", "1"}, {"mrn.a", "2"}, other};
    EXPECT_EQ(Write(identifiers), 2u);
  }
  const std::string same = "mrn.a";  // elsewhere in memory
  const std::vector<Identifier> identifiers = {
      {"mrn.a", "1"}, {same, "2"}, {same, "3", IdentifierKind::kOpaque}};
  EXPECT_EQ(Write(identifiers), 3u);
}

TEST_P(PlainSubjectsTest, StopWhereTheMemoryEnds) {
  const std::string shorter(1, '1');
  const std::string longer(100, '2');
  std::vector<Identifier> identifiers;
  for (int i = 0; i < 3; ++i) {
    identifiers.push_back({"mrn.a", shorter});
    identifiers.push_back({"mrn.a", longer});
  }
  const std::size_t expected[] = {0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 6};
  for (std::size_t steps = 0; steps < std::size(expected); ++steps) {
    EXPECT_EQ(Write(identifiers, steps * kSubjectStep), expected[steps]) << steps;
  }
}

TEST_P(PlainSubjectsTest, RandomRunsAreThoseOfTheFormat) {
  std::mt19937 random(11);
  for (int run = 0; run < 2000; ++run) {
    std::vector<std::string> ids(1 + random() % 30);
    for (std::string& id : ids) {
      id.resize(1 + random() % (random() % 8 == 0 ? 300 : 30));
      for (char& c : id) c = static_cast<char>('!' + random() % 94);
    }
    ASSERT_EQ(WriteIds(ids, std::string(1 + random() % 64, 'a')), ids.size());
  }
}

// The id ends where the next page cannot be read, or begins where the one before cannot.
TEST_P(PlainSubjectsTest, NothingIsReadBeyondTheEndsOfAnIdentifier) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const pages = ::mmap(nullptr, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  char* const middle = static_cast<char*>(pages) + page;
  ASSERT_EQ(::mprotect(middle, page, PROT_READ | PROT_WRITE), 0);
  std::fill(middle, middle + page, '5');
  for (std::size_t size = 1; size <= 150; ++size) {
    const std::vector<Identifier> identifiers = {{"mrn.a", {middle, size}},
                                                 {"mrn.a", {middle + page - size, size}}};
    EXPECT_EQ(Write(identifiers), 2u);
  }
  ::munmap(pages, 3 * page);
}

INSTANTIATE_TEST_SUITE_P(All, PlainSubjectsTest, ::testing::ValuesIn(PlainWriters()),
                         [](const auto& writer) { return std::string(writer.param.name); });

}  // namespace
}  // namespace moniker::internal
