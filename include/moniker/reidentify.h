// Turns exports of a platform back into identifiers and names: JSON, JSON Lines and CSV.
//
// Two passes over one text. The first collects every text that may be an ID, so that the caller can
// resolve them all at once (one audit entry); the second rewrites with what was resolved, and never
// asks for an ID that the first did not collect.
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
// What is not replaced stays byte for byte: white space, order and spelling of members, numbers,
// unknown fields, quoting, line ends. A JSON string in which something is replaced is written anew
// as by AppendJsonString.
//
// Thread safety: functions without state; a directory is only read.

#ifndef MONIKER_REIDENTIFY_H_
#define MONIKER_REIDENTIFY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/csv.h"
#include "moniker/result.h"
#include "moniker/status.h"

namespace moniker {

// What becomes of participant IDs. Links and file names are made of them, so the default keeps
// them.
enum class ParticipantPolicy : std::uint8_t {
  kKeep,
  kId,    // the person's identifier stands in their place
  kName,  // the person's name, if it is known
};

// What a resolved ID stands for. All texts are UTF-8.
struct KnownIdentity {
  enum class Kind : std::uint8_t { kExternalId, kParticipantId };

  Kind kind = Kind::kExternalId;
  std::uint64_t person = 0;     // equal for two IDs of one person
  std::string identifier = {};  // what stands in place of an ID; if empty, the ID stays
  std::string name = {};        // what stands in place of a display name; if empty, that stays
  // What a display name of this identity ends with: "RCG-V3F", or "Amber Heron 42".
  std::string label = {};
  std::string words = {};
};

// The IDs that were resolved.
class IdentityDirectory {
 public:
  virtual ~IdentityDirectory() = default;

  // The identity of exactly this ID, or nullptr if it is not known. The identity stays valid and
  // unchanged until the call that asks for it (ReidentifyJson, ReidentifyCsv) returns.
  virtual const KnownIdentity* Find(std::string_view id) const = 0;
};

struct ReidentifyOptions {
  ParticipantPolicy participants = ParticipantPolicy::kKeep;

  // Members or columns that hold display names besides the usual ones (`name`, `externalName`,
  // `nickName`, ...), such as the column that pseudonymizing filled.
  std::vector<std::string> name_fields = {};
};

// Occurrences, not persons. Those in JSON that stands inside a string or a cell count as well.
struct ReidentifyCounts {
  std::uint64_t external_ids = 0;     // known external IDs
  std::uint64_t participant_ids = 0;  // known participant IDs, also those that were kept
  std::uint64_t names = 0;            // display names replaced by real ones
  std::uint64_t unknown_ids = 0;  // not known: ID members of objects (userId, externalId, ..., but
                                  // not a plain id) and whatever has the shape of an external ID
  std::uint64_t ambiguous_names = 0;  // left, since IDs beside them are of different persons
};

// Hands every text that may be an ID to `sink`, some more than once; a text is valid only during
// the call of `sink`. `text` is any number of JSON documents with white space between them; a byte
// order mark before the first is let pass.
// Errors, with the document as locator, counted from 1:
//   kInvalidArgument  not JSON (RFC 8259), cut off, not UTF-8, half of a surrogate pair, more than
//                     512 levels deep, or no white space before the next document
//   kUnsupported      a document of 4 GiB or more
Status CollectJsonIds(std::string_view text, const std::function<void(std::string_view)>& sink);

// The text with identifiers and names. *counts (may be null) is set on success only.
// Errors: as CollectJsonIds; also
//   kConflict         two different keys of one object would become one
//   kInvalidArgument  the directory knows an ID as something that is not UTF-8
Result<std::string> ReidentifyJson(std::string_view text, const IdentityDirectory& directory,
                                   const ReidentifyOptions& options, ReidentifyCounts* counts);

// The same for delimited text: cells are values, the header's names are keys.
// Errors: as CsvDocument::Parse, with the record as locator.
Status CollectCsvIds(std::string_view text, CsvDialect dialect,
                     const std::function<void(std::string_view)>& sink);

// Errors: as CollectCsvIds; also kConflict and kInvalidArgument as ReidentifyJson, or for a
// replacement that contains NUL, with the record as locator (0 for two columns that become one).
Result<std::string> ReidentifyCsv(std::string_view text, CsvDialect dialect,
                                  const IdentityDirectory& directory,
                                  const ReidentifyOptions& options, ReidentifyCounts* counts);

}  // namespace moniker

#endif  // MONIKER_REIDENTIFY_H_
