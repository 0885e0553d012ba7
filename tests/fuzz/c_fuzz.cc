// Calls of the interface for C, whatever their order and arguments: handles that are null, closed,
// of another type or made up; structs and texts of wrong sizes. Input: a byte for each call, then
// its arguments. All calls share one vault, which grows.

#include <array>
#include <cstring>
#include <string>

#include "fuzz/fuzz_target.h"
#include "moniker/c.h"
#include "moniker/c_derive.h"
#include "moniker/c_resolve.h"
#include "support/temporary_folder.h"

namespace moniker::testing {
namespace {

constexpr std::size_t kTypes = 6;  // vault, gate, identity, anonymizer, resolver, resolved
constexpr std::size_t kSlots = 4;

moniker_text AsGiven(std::string_view text) { return {text.data(), text.size()}; }

// The vault of all calls, opened once.
struct Place {
  Place() {
    moniker_vault_options options{};
    options.struct_size = sizeof options;
    options.app = moniker_text_of("clinic-7");
    moniker_protector protector{};
    protector.struct_size = sizeof protector;
    protector.kind = MONIKER_PROTECTOR_NEW_KEY_FILE;
    protector.text = AsGiven(key);
    Require(moniker_vault_create(AsGiven(path), &options, &protector, nullptr) == MONIKER_OK &&
                moniker_vault_open(AsGiven(path), nullptr, &vault, nullptr) == MONIKER_OK &&
                moniker_resolver_open(AsGiven(path), nullptr, &resolver, nullptr) == MONIKER_OK,
            "there is a vault");
  }

  TemporaryFolder folder;
  std::string path = folder.File("vault");
  std::string key = folder.File("key");
  moniker_vault* vault = nullptr;
  moniker_resolver* resolver = nullptr;
};

Place& ThePlace() {
  static Place place;
  return place;
}

// One of a caller that may be wrong about its size, in memory for the longest.
template <typename T>
class Given {
 public:
  explicit Given(FuzzInput* input) {
    constexpr std::array<std::size_t, 4> kWrong = {0, sizeof(T) - 1, 5000, SIZE_MAX};
    const std::uint8_t choice = input->Byte();
    T value{};
    value.struct_size = choice < 240   ? sizeof(T)
                        : choice < 250 ? sizeof(T) + 8 * (choice - 240U)
                                       : kWrong[choice % 4];
    std::memcpy(memory_.data(), &value, sizeof value);
    is_null_ = choice == 239;
    if (choice == 238) memory_[sizeof(T)] = 1;
  }

  T* get() { return is_null_ ? nullptr : reinterpret_cast<T*>(memory_.data()); }
  T& members() { return *reinterpret_cast<T*>(memory_.data()); }
  // Whether it is as it was before a call that failed.
  bool IsZero() {
    const std::size_t size = members().struct_size;
    if (is_null_ || size < sizeof(T) || size > 4096) return true;
    for (std::size_t i = sizeof(std::size_t); i < size; ++i) {
      if (memory_[i] != 0) return false;
    }
    return true;
  }

 private:
  alignas(std::max_align_t) std::array<unsigned char, 8192> memory_{};
  bool is_null_ = false;
};

class Calls {
 public:
  explicit Calls(FuzzInput* input) : input_(input) {
    slots_[0][0] = reinterpret_cast<std::uintptr_t>(ThePlace().vault);
    slots_[4][0] = reinterpret_cast<std::uintptr_t>(ThePlace().resolver);
  }

  ~Calls() {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      moniker_gate_close(As<moniker_gate>(slots_[1][slot]));
      moniker_identity_close(As<moniker_identity>(slots_[2][slot]));
      moniker_anonymizer_close(As<moniker_anonymizer>(slots_[3][slot]));
      moniker_resolved_close(As<moniker_resolved>(slots_[5][slot]));
    }
  }

  void One() {
    switch (input_->Byte() % 16) {
      case 0: return OpenGate();
      case 1: return Admit();
      case 2: return Read();
      case 3: return Bind();
      case 4: return Check();
      case 5: return CheckOutbound();
      case 6: return Update();
      case 7: return OpenAnonymizer();
      case 8: return Derive();
      case 9: return DeriveColumn();
      case 10: return Resolve();
      case 11: return ReadResolved();
      case 12: return BindById();
      case 13: return AdmitMany();
      case 14: return CloseOne();
      default: return Keys();
    }
  }

 private:
  template <typename T>
  static T* As(std::uintptr_t handle) {
    return reinterpret_cast<T*>(handle);  // NOLINT(performance-no-int-to-ptr)
  }

  // Mostly one of its type; else null, another's, or none at all.
  template <typename T>
  T* Handle(std::size_t type) {
    const std::uint8_t choice = input_->Byte();
    if (choice < 200) return As<T>(slots_[type][choice % kSlots]);
    if (choice < 230) return As<T>(slots_[choice % kTypes][choice % kSlots]);
    return As<T>(choice == 255 ? ~std::uintptr_t{0} : input_->Number());
  }

  std::uintptr_t* Slot(std::size_t type) { return &slots_[type][input_->Byte() % kSlots]; }

  // A handle that is lost would be one that nobody closes.
  template <typename T>
  void Keep(std::size_t type, T* made, void (*close)(T*)) {
    if (made == nullptr) return;
    std::uintptr_t* const slot = Slot(type);
    if (type != 0 && type != 4) close(As<T>(*slot));
    *slot = reinterpret_cast<std::uintptr_t>(made);
  }

  moniker_text Text() {
    const std::uint8_t choice = input_->Byte();
    if (choice == 255) return {nullptr, 1};
    if (choice == 254) return {"x", SIZE_MAX};
    if (choice == 253) return {nullptr, 0};
    if (choice >= 200) return moniker_text_of(kUsual[choice % kUsual.size()]);
    return AsGiven(input_->Text());
  }

  // What holds after every call.
  void Tell(moniker_code code, bool output_is_empty) {
    Require(code >= MONIKER_OK && code <= MONIKER_OVER_BUDGET, "a call returns a code");
    Require(code == MONIKER_OK || output_is_empty, "after an error there is no output");
    if (error_.get() == nullptr || error_.members().struct_size != sizeof(moniker_error)) return;
    Require(error_.members().code == code, "the error says what the call returned");
    Require((code == MONIKER_OK) == (error_.members().message[0] == '\0'), "errors have a message");
  }

  void FillPerson(Given<moniker_person>* person, moniker_field* field) {
    *field = {moniker_text_of("email"), moniker_text_of("maria@example.org")};
    person->members().issuer = Text();
    person->members().id = Text();
    person->members().name = Text();
    const std::uint8_t choice = input_->Byte();
    person->members().kind = choice % 8 - 1;
    person->members().fields = choice & 8 ? field : nullptr;
    person->members().field_count = choice & 16 ? 1 : choice & 32 ? SIZE_MAX : 0;
  }

  void FillIdentifier(Given<moniker_identifier>* identifier) {
    identifier->members().issuer = Text();
    identifier->members().id = Text();
    identifier->members().kind = input_->Byte() % 8 - 1;
  }

  void FillScope(Given<moniker_scope>* scope) {
    const std::uint8_t choice = input_->Byte();
    scope->members().kind = choice % 4;
    if (choice % 4 == MONIKER_SCOPE_CONFERENCE || choice > 200)
      scope->members().conference = Text();
  }

  void OpenGate() {
    Given<moniker_scope> scope(input_);
    FillScope(&scope);
    Given<moniker_gate_options> options(input_);
    options.members().scope = scope.get();
    if (input_->Byte() > 128) options.members().platform = Text();
    options.members().label_style = input_->Byte() % 4;
    moniker_gate* gate = nullptr;
    const moniker_code code =
        moniker_gate_open(Handle<moniker_vault>(0), options.get(), &gate, Error());
    Tell(code, gate == nullptr);
    Keep(1, gate, moniker_gate_close);
  }

  void Admit() {
    Given<moniker_person> person(input_);
    moniker_field field;
    FillPerson(&person, &field);
    moniker_identity* who = nullptr;
    const moniker_text role = Text();
    const moniker_code code =
        moniker_gate_admit(Handle<moniker_gate>(1), person.get(), role, &who, Error());
    Tell(code, who == nullptr);
    Keep(2, who, moniker_identity_close);
  }

  void AdmitMany() {
    Given<moniker_person> person(input_);
    moniker_field field;
    FillPerson(&person, &field);
    const std::array<const moniker_person*, 2> persons = {person.get(), person.get()};
    const std::array<moniker_text, 2> roles = {Text(), Text()};
    std::array<moniker_identity*, 2> who = {};
    const std::uint8_t choice = input_->Byte();
    const moniker_code code = moniker_gate_admit_many(
        Handle<moniker_gate>(1), choice == 1 ? nullptr : persons.data(),
        choice == 2 ? nullptr : roles.data(), choice == 3 ? SIZE_MAX : choice % 3,
        choice == 4 ? nullptr : who.data(), Error());
    Tell(code, who[0] == nullptr && who[1] == nullptr);
    for (moniker_identity* one : who) Keep(2, one, moniker_identity_close);
  }

  void Read() {
    Given<moniker_identity_texts> texts(input_);
    const moniker_code code =
        moniker_identity_read(Handle<moniker_identity>(2), texts.get(), Error());
    Tell(code, texts.IsZero());
    if (code == MONIKER_OK) {
      const moniker_text& name = texts.members().display_name;
      Require(name.size > 0 && name.data[name.size] == '\0', "whoever is admitted has a name");
    }
  }

  void Bind() {
    const moniker_text id = Text();
    moniker_gate* const gate = Handle<moniker_gate>(1);
    Tell(moniker_gate_bind(gate, id, Handle<moniker_identity>(2), Error()), true);
  }

  void BindById() {
    Given<moniker_scope> scope(input_);
    FillScope(&scope);
    const moniker_text participant = Text();
    const moniker_text id = Text();
    Tell(moniker_vault_bind(Handle<moniker_vault>(0), participant, id, scope.get(), Error()), true);
  }

  void Check() {
    Given<moniker_identifier> identifier(input_);
    FillIdentifier(&identifier);
    const moniker_text id = Text();
    std::int32_t match = -1;
    const moniker_code code =
        moniker_gate_check(Handle<moniker_gate>(1), identifier.get(), id, &match, Error());
    Tell(code, match == 0);
  }

  void CheckOutbound() {
    Given<moniker_person> person(input_);
    moniker_field field;
    FillPerson(&person, &field);
    const moniker_text text = Text();
    Tell(moniker_gate_check_outbound(Handle<moniker_gate>(1), person.get(), text, Error()), true);
  }

  void Update() {
    Given<moniker_person> person(input_);
    moniker_field field;
    FillPerson(&person, &field);
    Given<moniker_change> change(input_);
    change.members().display_name = Text();
    change.members().avatar_url = Text();
    moniker_identity* changed = nullptr;
    moniker_gate* const gate = Handle<moniker_gate>(1);
    const moniker_code code = moniker_gate_update(gate, Handle<moniker_identity>(2), person.get(),
                                                  change.get(), &changed, Error());
    Tell(code, changed == nullptr);
    Keep(2, changed, moniker_identity_close);
  }

  void OpenAnonymizer() {
    Given<moniker_scope> scope(input_);
    FillScope(&scope);
    moniker_anonymizer* made = nullptr;
    moniker_code code;
    const std::uint8_t choice = input_->Byte();
    if (choice < 128) {
      code = moniker_anonymizer_open(Handle<moniker_vault>(0), scope.get(), choice % 3, &made,
                                     Error());
    } else {
      const std::array<std::uint8_t, 32> root{};
      code =
          moniker_anonymizer_from_root(choice == 129 ? nullptr : root.data(), choice & 2 ? 32 : 31,
                                       choice % 4, Text(), scope.get(), &made, Error());
    }
    Tell(code, made == nullptr);
    Keep(3, made, moniker_anonymizer_close);
  }

  void Derive() {
    Given<moniker_identifier> identifier(input_);
    FillIdentifier(&identifier);
    Given<moniker_pseudonym> pseudonym(input_);
    const moniker_code code = moniker_anonymizer_derive(Handle<moniker_anonymizer>(3),
                                                        identifier.get(), pseudonym.get(), Error());
    Tell(code, pseudonym.IsZero());
    if (code == MONIKER_OK) {
      Require(std::strlen(pseudonym.members().external_id) == 32, "a pseudonym is whole");
    }
  }

  void DeriveColumn() {
    Given<moniker_column> column(input_);
    const std::string_view bytes = input_->Text();
    std::array<std::int64_t, 5> offsets{};
    for (std::int64_t& offset : offsets) offset = static_cast<std::int8_t>(input_->Byte());
    const std::uint8_t choice = input_->Byte();
    const std::uint8_t validity = input_->Byte();
    column.members().issuer = Text();
    column.members().offsets = choice == 1 ? nullptr : offsets.data();
    column.members().offset_bits = choice & 2 ? 32 : choice & 4 ? 64 : 8;
    column.members().bytes = bytes.data();
    column.members().bytes_size = bytes.size();
    column.members().validity = choice & 8 ? &validity : nullptr;
    column.members().first = choice & 16 ? 1 : 0;
    column.members().count = choice == 3 ? SIZE_MAX : choice % 4;
    std::array<char, 128> ids;
    ids.fill('x');
    const std::size_t size = choice & 32 ? 31 : 32 * std::size_t{choice % 4U};
    const moniker_code code = moniker_anonymizer_derive_many(
        Handle<moniker_anonymizer>(3), column.get(), ids.data(), size, Error());
    bool is_zero = true;
    for (std::size_t i = 0; i < size; ++i) is_zero = is_zero && ids[i] == '\0';
    Tell(code, is_zero);
    Require(ids[size] == 'x', "nothing is written behind the output");
  }

  void Resolve() {
    Given<moniker_reason> reason(input_);
    reason.members().actor = Text();
    reason.members().purpose = Text();
    const moniker_text id = Text();
    moniker_resolved* person = nullptr;
    const moniker_code code =
        moniker_resolver_resolve(Handle<moniker_resolver>(4), id, reason.get(), &person, Error());
    Tell(code, person == nullptr);
    Keep(5, person, moniker_resolved_close);
  }

  void ReadResolved() {
    Given<moniker_resolved_texts> texts(input_);
    moniker_resolved* const person = Handle<moniker_resolved>(5);
    Tell(moniker_resolved_read(person, texts.get(), Error()), texts.IsZero());
    moniker_field field;
    const moniker_code code = moniker_resolved_field(person, input_->Byte(), &field, Error());
    Tell(code, field.name.data == nullptr && field.text.data == nullptr);
  }

  void CloseOne() {
    switch (input_->Byte() % 4) {
      case 0: return moniker_gate_close(Handle<moniker_gate>(1));
      case 1: return moniker_identity_close(Handle<moniker_identity>(2));
      case 2: return moniker_anonymizer_close(Handle<moniker_anonymizer>(3));
      default: return moniker_resolved_close(Handle<moniker_resolved>(5));
    }
  }

  void Keys() {
    std::uint32_t epoch = 0;
    const std::int32_t kind = input_->Byte() % 6 - 1;
    moniker_vault* const vault = Handle<moniker_vault>(0);
    Tell(moniker_vault_newest_epoch(vault, kind, &epoch, Error()), epoch == 0);
    Tell(moniker_vault_destroy_epoch(vault, kind, epoch, Error()), true);  // never the newest
    Given<moniker_platform> platform(input_);
    Tell(moniker_platform_at(input_->Byte(), platform.get(), Error()), platform.IsZero());
  }

  moniker_error* Error() {
    error_ = Given<moniker_error>(input_);
    return error_.get();
  }

  static constexpr std::array<const char*, 8> kUsual = {
      "mrn.hospital-a", "00123456",      "Maria Jensen",
      "Patient",        "participant-1", "m32pnb88e0wgd7hc26m7ph6zyfqm3092",
      "clinic-7",       "dolbyio-cpp"};

  FuzzInput* input_;
  std::array<std::array<std::uintptr_t, kSlots>, kTypes> slots_{};
  FuzzInput nothing_{{}};
  Given<moniker_error> error_{&nothing_};
};

}  // namespace

void FuzzOne(std::span<const std::uint8_t> bytes) {
  FuzzInput input(bytes);
  Calls calls(&input);
  while (!input.empty()) calls.One();
}

}  // namespace moniker::testing
