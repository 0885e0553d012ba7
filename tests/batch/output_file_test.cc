#include "moniker/output_file.h"

#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_folder.h"

namespace moniker {
namespace {

namespace fs = std::filesystem;
using testing::ModeOf;
using testing::NamesIn;
using testing::ReadBytes;
using testing::TemporaryFolder;

class OutputFileTest : public ::testing::Test {
 protected:
  const std::string& folder() const { return folder_.path(); }
  std::string target() const { return folder_.File("out.csv"); }

  TemporaryFolder folder_;
};

TEST_F(OutputFileTest, AppearsWithItsWholeContentAndModeOnCommit) {
  Result<OutputFile> output = OutputFile::Create(target());
  ASSERT_TRUE(output.ok());
  ASSERT_TRUE(output->Write("one,").ok());
  ASSERT_TRUE(output->Write("two\n").ok());
  EXPECT_FALSE(fs::exists(target()));
  ASSERT_TRUE(output->Commit().ok());
  EXPECT_EQ(ReadBytes(target()), "one,two\n");
  EXPECT_EQ(ModeOf(target()), 0600u);
  EXPECT_EQ(NamesIn(folder()).size(), 1u);
}

// The names that appear in a folder, one after the other.
class NewNames {
 public:
  explicit NewNames(const std::string& folder) {
    if (::inotify_add_watch(events_, folder.c_str(), IN_CREATE | IN_MOVED_TO) < 0) {
      throw std::runtime_error("cannot watch the folder");
    }
  }
  NewNames(const NewNames&) = delete;
  NewNames& operator=(const NewNames&) = delete;
  ~NewNames() { ::close(events_); }

  std::vector<std::string> SoFar() {
    alignas(inotify_event) char buffer[4096];
    const ssize_t size = ::read(events_, buffer, sizeof buffer);
    for (ssize_t at = 0; at < size;) {
      const auto* const event = reinterpret_cast<const inotify_event*>(buffer + at);
      names_.emplace_back(event->name);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
    return names_;
  }

 private:
  int events_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  std::vector<std::string> names_;
};

// Where it had another name before, a program that is killed in between would leave it.
TEST_F(OutputFileTest, AFreeNameIsTheOnlyOneThatItEverHas) {
  NewNames names(folder());
  Result<OutputFile> output = OutputFile::Create(target());
  ASSERT_TRUE(output.ok());
  ASSERT_TRUE(output->Write("bytes").ok());
  ASSERT_TRUE(output->Commit().ok());
  EXPECT_EQ(names.SoFar(), std::vector<std::string>{"out.csv"});
}

TEST_F(OutputFileTest, WithoutCommitTheOldContentStaysAndNothingElseIsLeft) {
  std::ofstream(target()) << "old";
  {
    Result<OutputFile> output = OutputFile::Create(target());
    ASSERT_TRUE(output.ok());
    ASSERT_TRUE(output->Write("new").ok());
  }
  EXPECT_EQ(ReadBytes(target()), "old");
  EXPECT_EQ(NamesIn(folder()).size(), 1u);
}

TEST_F(OutputFileTest, CommitReplacesTheOldContent) {
  std::ofstream(target()) << "old and longer than the new";
  Result<OutputFile> output = OutputFile::Create(target());
  ASSERT_TRUE(output.ok());
  ASSERT_TRUE(output->Write("new").ok());
  ASSERT_TRUE(output->Commit().ok());
  EXPECT_EQ(ReadBytes(target()), "new");
}

TEST_F(OutputFileTest, CommitsOnce) {
  Result<OutputFile> output = OutputFile::Create(target());
  ASSERT_TRUE(output.ok());
  ASSERT_TRUE(output->Commit().ok());
  EXPECT_EQ(output->Commit().code(), StatusCode::kClosed);
}

TEST_F(OutputFileTest, AMovedOutputIsCommittedByItsNewOwnerAlone) {
  Result<OutputFile> output = OutputFile::Create(target());
  ASSERT_TRUE(output.ok());
  ASSERT_TRUE(output->Write("moved").ok());
  {
    OutputFile owner = *std::move(output);
    ASSERT_TRUE(owner.Commit().ok());
  }
  EXPECT_EQ(ReadBytes(target()), "moved");
}

TEST_F(OutputFileTest, AFolderLinkOrDeviceIsNotReplaced) {
  fs::create_directory(target());
  fs::create_symlink("/dev/null", folder_.File("link"));
  for (const std::string& path : {target(), folder_.File("link"), std::string("/dev/null")}) {
    EXPECT_EQ(OutputFile::Create(path).status().code(), StatusCode::kConflict) << path;
  }
}

TEST_F(OutputFileTest, AFolderThatIsNotThereIsNotFound) {
  const Result<OutputFile> output = OutputFile::Create(folder_.File("none/out.csv"));
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.status().code(), StatusCode::kNotFound);
}

TEST_F(OutputFileTest, AFailedRenameLeavesNothingButWhatWasThere) {
  {
    Result<OutputFile> output = OutputFile::Create(target());
    ASSERT_TRUE(output.ok());
    fs::create_directory(target());
    std::ofstream(target() + "/inside") << "x";
    ASSERT_TRUE(output->Write("new").ok());
    EXPECT_FALSE(output->Commit().ok());
  }
  EXPECT_EQ(NamesIn(folder()).size(), 1u);
  EXPECT_EQ(ReadBytes(target() + "/inside"), "x");
}

class ContinuedOutputTest : public OutputFileTest {
 protected:
  std::string partial() const { return OutputFile::PartialName(target()); }

  // What stands there, and what it would be if it were continued.
  StatusCode CodeOf(std::uint64_t size) const {
    return OutputFile::Continue(target(), size).status().code();
  }

  void LeaveBehind(std::string_view text) const {
    Result<OutputFile> output = OutputFile::Continue(target(), 0);
    ASSERT_TRUE(output.ok());
    ASSERT_TRUE(output->Write(text).ok());
    ASSERT_TRUE(output->MakeDurable().ok());
  }
};

TEST_F(ContinuedOutputTest, WithoutCommitItStaysBesideItsPlace) {
  LeaveBehind("one,two");
  EXPECT_EQ(ReadBytes(partial()), "one,two");
  EXPECT_EQ(ModeOf(partial()), 0600u);
  EXPECT_FALSE(fs::exists(target()));
  EXPECT_EQ(NamesIn(folder()).size(), 1u);
}

TEST_F(ContinuedOutputTest, WhatIsBehindTheSizeIsCutOff) {
  LeaveBehind("one,two");
  Result<OutputFile> output = OutputFile::Continue(target(), 4);
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output->temporary_name(), partial());
  ASSERT_TRUE(output->Write("three").ok());
  ASSERT_TRUE(output->Commit().ok());
  EXPECT_EQ(ReadBytes(target()), "one,three");
  EXPECT_EQ(NamesIn(folder()).size(), 1u);
}

TEST_F(ContinuedOutputTest, FromTheBeginningNothingOfItIsLeft) {
  LeaveBehind("one,two");
  LeaveBehind("1");
  EXPECT_EQ(ReadBytes(partial()), "1");
}

TEST_F(ContinuedOutputTest, WhatIsNotThereOrTooShortIsNotContinued) {
  EXPECT_EQ(CodeOf(1), StatusCode::kNotFound);
  LeaveBehind("one");
  EXPECT_EQ(CodeOf(4), StatusCode::kConflict);
  EXPECT_EQ(CodeOf(3), StatusCode::kOk);
  EXPECT_EQ(ReadBytes(partial()), "one");
}

TEST_F(ContinuedOutputTest, OneAtATime) {
  Result<OutputFile> first = OutputFile::Continue(target(), 0);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(first->Write("mine").ok());
  EXPECT_EQ(CodeOf(0), StatusCode::kConflict);
  EXPECT_EQ(ReadBytes(partial()), "mine");
  ASSERT_TRUE(first->Commit().ok());
  EXPECT_EQ(CodeOf(0), StatusCode::kOk);
}

TEST_F(ContinuedOutputTest, WhatOthersCanReachIsNotContinued) {
  LeaveBehind("one");
  for (const fs::perms more : {fs::perms::group_read, fs::perms::others_write}) {
    fs::permissions(partial(), more, fs::perm_options::add);
    EXPECT_EQ(CodeOf(0), StatusCode::kPermission);
    fs::permissions(partial(), more, fs::perm_options::remove);
  }
  fs::create_hard_link(partial(), folder_.File("second-name"));
  EXPECT_EQ(CodeOf(0), StatusCode::kPermission);
  EXPECT_EQ(ReadBytes(partial()), "one");
}

TEST_F(ContinuedOutputTest, WhatIsNoRegularFileIsNotContinued) {
  std::ofstream(folder_.File("elsewhere")) << "theirs";
  fs::create_symlink(folder_.File("elsewhere"), partial());
  EXPECT_NE(CodeOf(0), StatusCode::kOk);
  EXPECT_EQ(ReadBytes(folder_.File("elsewhere")), "theirs");
  fs::remove(partial());
  fs::create_directory(partial());
  EXPECT_NE(CodeOf(0), StatusCode::kOk);
  fs::remove(partial());
  ASSERT_EQ(::mkfifo(partial().c_str(), 0600), 0);
  EXPECT_NE(CodeOf(0), StatusCode::kOk);  // and it does not wait for a reader
}

TEST_F(ContinuedOutputTest, ATargetThatIsNoRegularFileIsRefused) {
  fs::create_directory(target());
  EXPECT_EQ(CodeOf(0), StatusCode::kConflict);
}

TEST_F(OutputFileTest, WhatHasNoNameUntilCommitSaysSo) {
  Result<OutputFile> output = OutputFile::Create(target());
  ASSERT_TRUE(output.ok());
  ASSERT_TRUE(output->MakeDurable().ok());
  const OutputFile moved = *std::move(output);
  EXPECT_EQ(moved.temporary_name().empty(), NamesIn(folder()).empty());
  EXPECT_EQ(output->MakeDurable().code(), StatusCode::kClosed);
}

}  // namespace
}  // namespace moniker
