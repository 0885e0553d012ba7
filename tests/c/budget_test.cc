// What a vault lets those do who resolve, through the interface for C.

#include <string>

#include "gtest/gtest.h"
#include "moniker/c.h"
#include "moniker/c_resolve.h"
#include "support/temporary_folder.h"

namespace moniker::testing {
namespace {

moniker_text TextOf(const std::string& text) { return {text.data(), text.size()}; }

class CBudgetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    moniker_vault_options options{};
    options.struct_size = sizeof options;
    options.app = moniker_text_of("clinic-7");
    options.budget_hour = 2;
    options.budget_day = 3;
    moniker_protector protector{};
    protector.struct_size = sizeof protector;
    protector.kind = MONIKER_PROTECTOR_NEW_KEY_FILE;
    protector.text = TextOf(key_);
    ASSERT_EQ(moniker_vault_create(TextOf(path_), &options, &protector, nullptr), MONIKER_OK);
    ASSERT_EQ(moniker_resolver_open(TextOf(path_), nullptr, &resolver_, nullptr), MONIKER_OK);
  }
  void TearDown() override { moniker_resolver_close(resolver_); }

  moniker_code ResolveNobody(std::int32_t break_glass, const char* actor = "dr-obrien") {
    moniker_reason reason{};
    reason.struct_size = sizeof reason;
    reason.actor = moniker_text_of(actor);
    reason.purpose = moniker_text_of("treatment");
    reason.break_glass = break_glass;
    moniker_resolved* person = nullptr;
    return moniker_resolver_resolve(resolver_, moniker_text_of("nobody"), &reason, &person,
                                    nullptr);
  }

 private:
  TemporaryFolder folder_;
  std::string path_ = folder_.File("clinic.vault");
  std::string key_ = folder_.File("clinic.key");
  moniker_resolver* resolver_ = nullptr;
};

TEST_F(CBudgetTest, WhatAnActorAsksForBeyondItIsRefused) {
  EXPECT_EQ(ResolveNobody(0), MONIKER_NOT_FOUND);
  EXPECT_EQ(ResolveNobody(0), MONIKER_NOT_FOUND);
  EXPECT_EQ(ResolveNobody(0), MONIKER_OVER_BUDGET);
  EXPECT_EQ(ResolveNobody(0, "dr-lindqvist"), MONIKER_NOT_FOUND);
}

TEST_F(CBudgetTest, BrokenGlassGoesPastIt) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ResolveNobody(1), MONIKER_NOT_FOUND);
  EXPECT_EQ(ResolveNobody(0), MONIKER_OVER_BUDGET);
}

TEST_F(CBudgetTest, GlassIsBrokenByOneAlone) {
  for (const std::int32_t neither : {2, -1, 256}) {
    EXPECT_EQ(ResolveNobody(neither), MONIKER_INVALID_ARGUMENT);
  }
}

}  // namespace
}  // namespace moniker::testing
