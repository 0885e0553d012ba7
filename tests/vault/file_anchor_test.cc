#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "moniker/anchor.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/temporary_folder.h"

namespace moniker {
namespace {

using testing::Bytes;
using ::testing::ElementsAre;
using testing::Expect;
using testing::HasCode;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::UnorderedElementsAre;

class FileAnchorTest : public ::testing::Test {
 protected:
  FileAnchorTest() { EXPECT_THAT(CreateFileAnchor(path_), IsOk()); }

  const testing::TemporaryFolder folder_;
  const std::string path_ = folder_.File("anchor");
  const std::unique_ptr<Anchor> anchor_ = OpenFileAnchor(path_);
};

TEST_F(FileAnchorTest, ANewOneIsPrivateAndEmpty) {
  struct stat info;
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_EQ(info.st_size, 1024);
  EXPECT_THAT(Expect(anchor_->ReadHeads()), IsEmpty());
}

TEST_F(FileAnchorTest, WhatIsThereIsNeverReplacedByANewOne) {
  EXPECT_THAT(CreateFileAnchor(path_), HasCode(StatusCode::kConflict));
  EXPECT_THAT(CreateFileAnchor(folder_.path()), HasCode(StatusCode::kConflict));
  EXPECT_THAT(CreateFileAnchor(folder_.File("no/such/folder")), HasCode(StatusCode::kNotFound));
}

TEST_F(FileAnchorTest, TheLastTwoHeadsAreKept) {
  Expect(anchor_->KeepHead(1, Bytes("one")));
  EXPECT_THAT(Expect(anchor_->ReadHeads()), ElementsAre(Bytes("one")));
  Expect(anchor_->KeepHead(2, Bytes("two")));
  Expect(OpenFileAnchor(path_)->KeepHead(3, Bytes("a longer one")));
  EXPECT_THAT(Expect(anchor_->ReadHeads()),
              UnorderedElementsAre(Bytes("two"), Bytes("a longer one")));
  Expect(anchor_->KeepHead(5, Bytes("5")));  // after one that could not be written
  EXPECT_THAT(Expect(anchor_->ReadHeads()), UnorderedElementsAre(Bytes("two"), Bytes("5")));
  struct stat info;
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 1024);
}

TEST_F(FileAnchorTest, AHeadHasALimit) {
  const SealedBytes longest(Anchor::kMaxHeadSize, 7);
  EXPECT_THAT(anchor_->KeepHead(1, longest), IsOk());
  EXPECT_THAT(Expect(anchor_->ReadHeads()), ElementsAre(longest));
  EXPECT_THAT(anchor_->KeepHead(2, SealedBytes(Anchor::kMaxHeadSize + 1)),
              HasCode(StatusCode::kInvalidArgument));
}

TEST_F(FileAnchorTest, AFileThatIsGoneIsNotMadeAnew) {
  Expect(anchor_->KeepHead(1, Bytes("one")));
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  EXPECT_THAT(anchor_->ReadHeads(), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(anchor_->KeepHead(2, Bytes("two")), HasCode(StatusCode::kNotFound));
  EXPECT_NE(::access(path_.c_str(), F_OK), 0);
}

TEST_F(FileAnchorTest, LinksPipesAndFoldersAreNoAnchors) {
  const std::string link = folder_.File("link");
  ASSERT_EQ(::symlink(path_.c_str(), link.c_str()), 0);
  EXPECT_FALSE(OpenFileAnchor(link)->ReadHeads().ok());
  EXPECT_FALSE(OpenFileAnchor(link)->KeepHead(1, Bytes("one")).ok());
  const std::string pipe = folder_.File("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(OpenFileAnchor(pipe)->ReadHeads(), HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(OpenFileAnchor(pipe)->KeepHead(1, Bytes("one")).ok());
  EXPECT_THAT(OpenFileAnchor(folder_.path())->ReadHeads(), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Expect(anchor_->ReadHeads()), IsEmpty());
}

TEST_F(FileAnchorTest, WhatWasCutShortOrOverwrittenHasNoHeadOrAnother) {
  Expect(anchor_->KeepHead(0, Bytes("zero")));
  Expect(anchor_->KeepHead(1, Bytes("one")));
  ASSERT_EQ(::truncate(path_.c_str(), 512), 0);
  EXPECT_THAT(Expect(anchor_->ReadHeads()), ElementsAre(Bytes("zero")));
  testing::WriteBytes(path_, std::string(1024, '\xff'));  // a size beyond the place
  EXPECT_THAT(Expect(anchor_->ReadHeads()), IsEmpty());
  testing::WriteBytes(path_, "");
  EXPECT_THAT(Expect(anchor_->ReadHeads()), IsEmpty());
}

}  // namespace
}  // namespace moniker
