// What a remap makes of persons: their pseudonyms under other keys or in another scope.
//
// Thread safety: a RemapTarget may be used from several threads; a NewPseudonyms by one.

#ifndef MONIKER_TOOLS_MONIKER_REMAP_TARGET_H_
#define MONIKER_TOOLS_MONIKER_REMAP_TARGET_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/identifier.h"
#include "moniker/identity_gate.h"
#include "moniker/keyring.h"
#include "moniker/label.h"
#include "moniker/pseudonym.h"
#include "moniker/scope.h"
#include "moniker/vault.h"

namespace moniker::tool {

struct RemapTarget {
  // Without one all that is needed is derived from the keyring, and nobody has allotted labels.
  const Vault* vault = nullptr;
  std::shared_ptr<const Keyring> keyring;
  std::string app;             // other than the keyring's: derived, as without a vault
  std::optional<Scope> scope;  // nothing: each ID stays in its own
  std::uint32_t epoch = 0;
  LabelStyle label_style = LabelStyle::kCode;  // of the display names in a conference

  Scope ScopeOf(const Scope& old_scope) const { return scope.value_or(old_scope); }
  bool uses_store() const { return vault != nullptr && app == keyring->app(); }
};

// Whose new pseudonym is asked for. What it points to belongs to who asks.
struct NewPseudonymQuery {
  Identifier identifier;
  const Scope* scope;  // of the target
};

struct NewPseudonym {
  // Or why there is none.
  Status status;
  Pseudonym pseudonym = Pseudonym(Digest{});
  // What display names end with. In a conference those of one style alone: the other one is empty.
  std::string label = {};
  std::string words = {};
  // In a conference: allotted, so that nobody else there has it.
  bool is_allotted = false;
};

class NewPseudonyms {
 public:
  explicit NewPseudonyms(const RemapTarget& target) : target_(target) {}

  // answers[i] of queries[i]. An error is none of a person.
  // Errors: those of Anonymizer and IdentityGate.
  Status Find(std::span<const NewPseudonymQuery> queries, std::vector<NewPseudonym>* answers);

  // Whether there is such an app and epoch. Errors: as Find.
  Status Check(const Scope& scope) { return SourceOf(scope).status(); }

 private:
  // Whoever makes the pseudonyms of one scope.
  struct Source {
    std::optional<Anonymizer> anonymizer;
    std::optional<IdentityGate> gate;
  };

  Result<const Source*> SourceOf(const Scope& scope);
  Status Derive(const Source& source, std::span<const Identifier> identifiers,
                std::span<NewPseudonym* const> answers);
  static Status Ask(const Source& source, std::span<const Identifier> identifiers,
                    std::span<NewPseudonym* const> answers);
  Status FindLabels(const Source& source, const Scope& scope,
                    std::span<NewPseudonym* const> answers) const;

  const RemapTarget& target_;
  std::map<std::string, Source, std::less<>> sources_;  // by conference, "" for the app
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_REMAP_TARGET_H_
