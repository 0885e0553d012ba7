// What the IDs of a file stand for in a remap: the IDs and labels of the same persons elsewhere.
//
// Thread safety: what Sources() makes is used by one thread each, all of them at the same time;
// everything else by one thread, while none of them works.

#ifndef MONIKER_TOOLS_MONIKER_REMAPPED_IDENTITIES_H_
#define MONIKER_TOOLS_MONIKER_REMAPPED_IDENTITIES_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "moniker/bulk_resolver.h"
#include "moniker/enroller.h"
#include "moniker/reidentify.h"
#include "moniker/secret.h"
#include "remap_table.h"
#include "remap_target.h"

namespace moniker::tool {

class RemappedIdentities {
 public:
  // What is given must outlive this; the table is filled. Throws Failure.
  RemappedIdentities(const Vault& vault, const AccessReason& reason, const RemapTarget& target,
                     RemapTable* table);

  // None of them may live longer than this.
  IdentitySourceFactory Sources();

  // The audit entry of what was asked so far; before it is durable nothing of it may be seen.
  Status Commit() { return resolver_.Commit(); }

  // Between these two whoever is asked for is only collected: then they are stored in the vault of
  // the target, after the audit entry, if that is another one with their participant IDs, and the
  // table knows them. REQUIRES: the target has a vault.
  void BeginEnrolment() { is_collecting_ = true; }
  Status EndEnrolment();

  // Whoever is not enrolled yet is answered for as if it had happened, with what is not to be
  // written.
  void AssumeEnrolment() { assumes_enrolment_ = true; }

  // How many of a conference got the label of their ID, of which nobody knows whether others of
  // that conference have it.
  std::uint64_t labels_not_allotted() const { return labels_not_allotted_; }

 private:
  class Source;

  // An ID of the vault, and what is needed to find a new one.
  struct Question {
    std::string_view id;
    bool is_participant;
    PersonKey person;
    Pseudonym old;
    std::string_view label;
    std::string_view words;
    Scope scope;  // of the target
    Identifier identifier;
  };
  // The same, kept while persons are collected.
  struct Kept {
    std::string id;
    bool is_participant;
    PersonKey person;
    Pseudonym old;
    std::string label;
    std::string words;
    Scope scope;
    std::string issuer;
    SecretText identifier;
    std::optional<IdentifierKind> kind;
  };

  struct NewBinding {
    std::string participant_id;
    ExternalId external_id;
    Scope scope;
  };

  Result<std::optional<IdentifierKind>> KindOf(const std::string& issuer);
  Result<Question> QuestionOf(std::string_view id, const Resolved& resolved);
  void NoteBinding(const Question& question, const Pseudonym& pseudonym);
  Status Bind();
  bool IsCollected(std::string_view id);
  Status Collect(const Question& question, const Person& person);
  Status AddRows(std::span<const Question> questions, NewPseudonyms* pseudonyms);
  Status AddRow(const Question& question, const NewPseudonym& answer);
  NewPseudonym StandInFor(const Question& question) const;
  // The new ID in the rendering of the old one; an error is one of this ID alone, but for
  // kExhausted and kClosed.
  Result<std::string> Render(std::string_view old_id, const Pseudonym& pseudonym) const;
  Result<std::string> RenderWithMetadata(std::string_view old_id, const ExternalId& new_id) const;
  Status TakeLabel(const Question& question, const NewPseudonym& answer);

  const Vault& vault_;
  const RemapTarget& target_;
  RemapTable& table_;
  BulkResolver resolver_;
  bool is_collecting_ = false;
  bool assumes_enrolment_ = false;
  bool is_binding_ = false;

  std::mutex mutex_;                                                         // of all below
  std::map<std::string, std::optional<IdentifierKind>, std::less<>> kinds_;  // by issuer
  // By conference and label, who has it.
  std::unordered_map<std::string, Uuid::Bytes> labels_;
  std::uint64_t labels_not_allotted_ = 0;
  std::deque<Kept> kept_;
  std::vector<NewBinding> bindings_;
  std::map<std::pair<PersonKey, std::string>, Uuid::Bytes> old_ids_;  // by person and conference
  std::unordered_set<std::string> collected_;                         // their IDs
  std::map<std::string, Enroller> enrollers_;  // by conference, "" for the app
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_REMAPPED_IDENTITIES_H_
