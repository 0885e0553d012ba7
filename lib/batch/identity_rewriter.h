// Replaces IDs and names in texts, keys and JSON documents by the rules of moniker/reidentify.h.
//
// Collecting IDs is rewriting with a directory that knows nobody. What is asked for depends on the
// text alone, and an ID that is known only makes it less (nobody looks for IDs inside an ID), so
// nothing is asked for that was not collected. Whoever changes this must keep it so.
//
// Lifetime: directory and options must outlive the rewriter.
// Thread safety: one thread at a time.

#ifndef MONIKER_LIB_BATCH_IDENTITY_REWRITER_H_
#define MONIKER_LIB_BATCH_IDENTITY_REWRITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batch/json_index.h"
#include "batch/json_validator.h"
#include "moniker/reidentify.h"
#include "moniker/result.h"

namespace moniker::internal {

class DocumentFacts;

inline constexpr std::size_t kMaxNesting = 8;

enum class FieldRole : std::uint8_t {
  kOther,
  kOwnId,    // says of whom the object speaks, or, if it is not known, that nobody can tell
  kPlainId,  // `id`: as kOwnId if it is known, else the ID of anything
  kName,
};

// Of whom an object or a record speaks.
struct Subject {
  const KnownIdentity* identity = nullptr;
  bool is_own = false;        // said by its own IDs; else inherited
  bool is_ambiguous = false;  // its own IDs are of different persons
};

// Decides it from the IDs of the object or record.
class SubjectChoice {
 public:
  // An ID that is present; nullptr if it is not known.
  void Add(const KnownIdentity* identity);

  Subject Decide(const KnownIdentity* inherited) const;

 private:
  const KnownIdentity* first_ = nullptr;
  bool is_present_ = false;
  bool is_ambiguous_ = false;
};

// The keys of an object: before, and after replacement.
class RenamedKeys {
 public:
  void Add(std::string_view before, std::string_view after) { keys_.emplace_back(after, before); }

  // Two keys that differed have become one.
  bool Collide();

 private:
  std::vector<std::pair<std::string, std::string>> keys_;  // after, before
};

// What is known of the IDs of a block.
class IdentityDirectory {
 public:
  virtual ~IdentityDirectory() = default;

  // The identity of exactly this ID, or nullptr if it is not known. It stays valid and unchanged as
  // long as the document or record is rewritten for which it was asked.
  virtual const KnownIdentity* Find(std::string_view id) = 0;
};

class IdentityRewriter {
 public:
  IdentityRewriter(IdentityDirectory* directory, const ReidentifyOptions& options)
      : directory_(*directory), options_(options) {}

  FieldRole RoleOf(std::string_view key) const;

  // The identity of the whole text; nullptr if it cannot be an ID or is not known.
  const KnownIdentity* Find(std::string_view text);

  // Lets the value of a field have its say in what an object or record speaks of, if it is an own
  // ID; returns whether it is. An own ID that is not known is counted. REQUIRES for what is given
  // as `known`, here and below: it is what Find says of the text.
  bool AddOwnId(FieldRole role, std::string_view text, SubjectChoice* choice) {
    return AddOwnId(role, text, Find(text), choice);
  }
  bool AddOwnId(FieldRole role, std::string_view text, const KnownIdentity* known,
                SubjectChoice* choice);

  // The next ones append what they were given to *out if something in it is replaced, and return
  // whether it was; else they leave *out alone.
  // Errors: kConflict, kInvalidArgument as ReidentifyJson.

  // Keys are IDs or hold tokens, but are never walked as documents.
  Result<bool> RewriteKey(std::string_view key, const KnownIdentity* known, std::string* out);

  // `level` is the number of texts that hold documents around this one: 0 for a cell or for a
  // string of a document that is not in a string. The text must not be in a buffer of a deeper
  // level.
  Result<bool> RewriteText(std::string_view text, FieldRole role, const Subject& subject,
                           std::size_t level, std::string* out) {
    return RewriteText(text, Find(text), role, subject, level, out);
  }
  Result<bool> RewriteText(std::string_view text, const KnownIdentity* known, FieldRole role,
                           const Subject& subject, std::size_t level, std::string* out);

  // As these, for a whole document of these nodes, of whose texts so much is known.
  Result<bool> RewriteDocument(std::string_view document, std::span<const JsonNode> nodes,
                               const DocumentFacts& known, std::string* out);

  // What was counted so far, to be set back for what is left out in the end.
  const ReidentifyCounts& counts() const { return counts_; }
  void set_counts(const ReidentifyCounts& counts) { counts_ = counts; }

 private:
  friend class DocumentWalk;

  struct Frame {
    std::uint32_t node;
    Subject subject;
    bool has_renamed_keys = false;
  };

  // Buffers of the document that is walked at one level.
  struct Level {
    JsonIndex index;  // of one that stands in a text
    std::vector<Frame> frames;
    std::string decoded;
    std::string replaced;
  };

  // What becomes of a display name: a name in its place, or a label in the place of that at its
  // end.
  struct NewName {
    std::string_view name;
    std::string_view old_label;
    std::string_view new_label;
  };

  Result<NewName> NameFor(std::string_view text, const KnownIdentity* known,
                          const Subject& subject);
  Result<bool> RewriteInside(std::string_view text, FieldRole role, const Subject& subject,
                             std::size_t level, std::string* out);
  Result<std::string_view> ReplacementOf(const KnownIdentity& known);
  Result<bool> RewriteId(const KnownIdentity& known, std::string* out);
  Result<bool> RewriteTokens(std::string_view text, FieldRole role, std::string* out);
  bool HoldsDocument(std::string_view text, std::size_t level);
  // REQUIRES: HoldsDocument(document, level - 1) was asked last.
  Result<bool> RewriteNested(std::string_view document, const KnownIdentity* inherited,
                             std::size_t level, std::string* out);

  IdentityDirectory& directory_;
  const ReidentifyOptions& options_;
  ReidentifyCounts counts_;
  JsonValidator validator_;
  std::array<Level, kMaxNesting + 1> levels_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_IDENTITY_REWRITER_H_
