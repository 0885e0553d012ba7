// Turns exports of a platform back into identifiers and names: JSON, JSON Lines and CSV of any
// size.
//
// A Rewrite (moniker/rewrite.h) whose records are changed by what IDs stand for, wherever they
// stand. The texts of a block that may be IDs are collected, asked for all at once, and then
// replaced.
//
// An ID is found by its value, wherever it stands: as a whole string, cell, object key or column
// name of 1..256 bytes without white space or control characters; or, if it has the shape of an
// external ID or UUID, inside a longer text, between characters that are not ASCII letters or
// digits (file names, URLs). An external ID with metadata (moniker/metadata.h) is one ID: it is
// asked for as it stands, and replaced with its metadata. A string or cell that holds a JSON object
// or array is gone into, and so on up to eight times.
//
// A name is replaced by that of the person whom its object or record speaks of:
//   - Its own ID members (userId, externalId, id, ...) decide, those that are known, if they are of
//     one person. Members that are empty or not strings do not count. If none is known, or they
//     are of two persons, names stay, and nothing inside inherits.
//   - Without own ID members it inherits the person of the object key under which it stands, if
//     that is a known ID, else of the object around it; a record, the one person of all its cells.
//     Since those may speak of somebody else, a name is then replaced only if it ends with the
//     person's label.
// A name that is itself an ID of another person is replaced as an ID; an empty one stays.
//
// Likewise from old pseudonyms to new ones: then a known external ID stands for another, and of a
// name that ends with the old label only that is replaced (KnownIdentity::new_label).
//
// What is not replaced stays byte for byte: white space, order and spelling of members, numbers,
// unknown fields, quoting, line ends. A JSON string in which something is replaced is written anew
// as by AppendJsonString.
//
// Thread safety: a call is independent of others; sources and sinks are called as stated.

#ifndef MONIKER_REIDENTIFY_H_
#define MONIKER_REIDENTIFY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/result.h"
#include "moniker/rewrite.h"
#include "moniker/status.h"

namespace moniker {

// What becomes of participant IDs. Links and file names are made of them, so the default keeps
// them.
enum class ParticipantPolicy : std::uint8_t {
  kKeep,
  kId,    // the person's identifier stands in their place
  kName,  // the person's name, if it is known
};

// What a resolved ID stands for. All texts are UTF-8 and belong to who answers.
struct KnownIdentity {
  enum class Kind : std::uint8_t { kExternalId, kParticipantId };

  Kind kind = Kind::kExternalId;
  std::string_view person = {};      // in a run, equal for two IDs of one person and no others
  std::string_view identifier = {};  // what stands in place of an ID; if empty, the ID stays
  std::string_view name = {};        // what stands in place of a display name; if empty, that stays
  // What a display name of this identity ends with: "RCG-V3F", or "Amber Heron 42".
  std::string_view label = {};
  std::string_view words = {};
  // If `name` is empty: what takes the place of label or words where a display name ends with them;
  // the rest of it stays. If both are empty too, names stay; if the one that is needed is, that is a
  // fault (kUnsupported).
  std::string_view new_label = {};
  std::string_view new_words = {};
  // If not OK, nobody can tell what stands in its place: a fault of every record in which an
  // external ID or a label of it would have to be replaced.
  Status refusal = Status::Ok();
};

// Who knows what IDs stand for.
class IdentitySource {
 public:
  virtual ~IdentitySource() = default;

  // answers[i] of ids[i], nothing for who is not known; no ID comes twice. What the answers point
  // to stays until the next call. An error ends the run. REQUIRES: equal sizes.
  virtual Status FindMany(std::span<const std::string_view> ids,
                          std::span<std::optional<KnownIdentity>> answers) = 0;
};

// One for each call, which is used by one thread at a time and lives no longer than the run.
using IdentitySourceFactory = std::function<Result<std::unique_ptr<IdentitySource>>()>;

struct ReidentifyOptions {
  ParticipantPolicy participants = ParticipantPolicy::kKeep;

  // Members or columns that hold display names besides the usual ones (`name`, `externalName`,
  // `nickName`, ...), such as the column that pseudonymizing filled.
  std::vector<std::string> name_fields = {};

  // If not empty, what is put before every ID that is not known and counted so. UTF-8 without NUL.
  std::string unknown_mark = {};
};

// Occurrences, not persons. Those in JSON that stands inside a string or a cell count as well.
struct ReidentifyCounts {
  std::uint64_t external_ids = 0;     // known external IDs
  std::uint64_t participant_ids = 0;  // known participant IDs, also those that were kept
  std::uint64_t names = 0;            // display names replaced, or their labels
  std::uint64_t unknown_ids = 0;  // not known: ID members of objects (userId, externalId, ..., but
                                  // not a plain id) and whatever has the shape of an external ID
  std::uint64_t ambiguous_names = 0;  // left, since IDs beside them are of different persons
};

struct ReidentifyOutcome {
  RewriteSummary summary;
  ReidentifyCounts counts;  // of the records that were written
  std::optional<RecordFault> fault;
};

// As Rewrite. REQUIRES: no columns or null_values among the options.
//
// Faults that skip_faulty leaves out: those of Rewrite that are not of mappers or paths; two
// different keys of one object that would become one (kConflict); a replacement that is not UTF-8,
// or holds NUL (kInvalidArgument); KnownIdentity::refusal. Two different columns that would become
// one are a fault of record 0, which ends the run.
//
// Errors: as Rewrite; those of the sources; kUnsupported for CSV of more than 65,534 columns.
Result<ReidentifyOutcome> Reidentify(int input, const RewriteOptions& options,
                                     const ReidentifyOptions& rules,
                                     const IdentitySourceFactory& sources,
                                     const RewriteSinks& sinks);

// The name of a file in which participant IDs or external IDs stand, as a whole before its first
// full stop or between characters that are not letters or digits, as it is after the run: by what
// the participant policy says; nothing if that is kKeep, or no ID in it is known.
// Errors: kInvalidArgument if what stands in their place cannot be in the name of a file (a slash,
// a control character, more than 255 bytes); those of `source`.
Result<std::optional<std::string>> ReidentifyFileName(std::string_view name,
                                                      const ReidentifyOptions& rules,
                                                      IdentitySource* source);

}  // namespace moniker

#endif  // MONIKER_REIDENTIFY_H_
