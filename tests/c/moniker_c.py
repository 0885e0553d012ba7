"""The functions of c.h and c_derive.h that the tests in Python call, by ctypes."""

import ctypes

INVALID_ARGUMENT, UNSUPPORTED = 1, 13
KINDS = {None: 0, "opaque": 1, "text": 2, "email": 3, "phone": 4}
SUITES = {"blake2b": 1, "hmac-sha256": 2}


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


class Struct(ctypes.Structure):
    """One that begins with struct_size."""

    def __init__(self, **members):
        super().__init__(struct_size=ctypes.sizeof(self), **members)


class Error(Struct):
    _fields_ = [("struct_size", ctypes.c_size_t), ("message", ctypes.c_char_p), ("locator", ctypes.c_int64),
                ("code", ctypes.c_int32), ("reserved", ctypes.c_int32)]


class Protector(Struct):
    _fields_ = [("struct_size", ctypes.c_size_t), ("text", Text), ("passes", ctypes.c_uint32),
                ("memory_kib", ctypes.c_uint32), ("kind", ctypes.c_int32), ("reserved", ctypes.c_int32)]


class Identifier(Struct):
    _fields_ = [("struct_size", ctypes.c_size_t), ("issuer", Text), ("id", Text), ("kind", ctypes.c_int32),
                ("reserved", ctypes.c_int32)]


class Scope(Struct):
    _fields_ = [("struct_size", ctypes.c_size_t), ("conference", Text), ("kind", ctypes.c_int32),
                ("reserved", ctypes.c_int32)]


class VaultOptions(Struct):
    _fields_ = [("struct_size", ctypes.c_size_t), ("app", Text), ("avatar_url_template", Text),
                ("root", ctypes.c_char_p), ("root_size", ctypes.c_size_t), ("anchor", Text),
                ("audit_key_file", Text), ("suite", ctypes.c_int32), ("mode", ctypes.c_int32),
                ("budget_hour", ctypes.c_uint32), ("budget_day", ctypes.c_uint32),
                ("retention_days", ctypes.c_uint32), ("reserved", ctypes.c_int32)]


class GateOptions(Struct):
    _fields_ = [("struct_size", ctypes.c_size_t), ("scope", ctypes.c_void_p), ("platform", Text),
                ("avatar_url_template", Text), ("identity_epoch", ctypes.c_uint32),
                ("label_style", ctypes.c_int32)]


class Pseudonym(Struct):
    _fields_ = [("struct_size", ctypes.c_size_t), ("external_id", ctypes.c_char * 33),
                ("uuid", ctypes.c_char * 37), ("label_code", ctypes.c_char * 8),
                ("label_words", ctypes.c_char * 24), ("avatar_index", ctypes.c_uint8),
                ("reserved", ctypes.c_uint8)]


class Column(Struct):
    _fields_ = [("struct_size", ctypes.c_size_t), ("issuer", Text), ("offsets", ctypes.c_void_p),
                ("bytes", ctypes.c_char_p), ("bytes_size", ctypes.c_size_t), ("validity", ctypes.c_char_p),
                ("first", ctypes.c_size_t), ("count", ctypes.c_size_t), ("offset_bits", ctypes.c_int32),
                ("kind", ctypes.c_int32)]


class Failed(Exception):
    def __init__(self, error):
        super().__init__(error.message.decode())
        self.code, self.locator, self.message = error.code, error.locator, error.message.decode()


def text(data):
    return Text(data, len(data))


class Library:
    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        for name in ("vault", "gate", "anonymizer"):
            getattr(self.lib, f"moniker_{name}_close").argtypes = [ctypes.c_void_p]

    def call(self, name, *arguments):
        """References for structs; numbers must say how wide they are."""
        error = Error()
        given = [ctypes.byref(one) if isinstance(one, Struct) else one for one in arguments]
        code = getattr(self.lib, "moniker_" + name)(*given, ctypes.byref(error))
        if code != error.code:
            raise AssertionError(f"{name}: returns {code}, tells of {error.code}")
        if code != 0:
            raise Failed(error)

    def made(self, name, *arguments):
        """The handle that a function makes."""
        handle = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(handle))
        if handle.value is None:
            raise AssertionError(f"{name}: no handle")
        return handle

    def anonymizer(self, root, suite, app, scope):
        return self.made("anonymizer_from_root", root, ctypes.c_size_t(len(root)),
                         ctypes.c_int32(SUITES[suite]), text(app), scope)
