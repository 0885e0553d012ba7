#include "moniker/output_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

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

}  // namespace
}  // namespace moniker
