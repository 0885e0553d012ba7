"""External IDs of a column of medical record numbers, through the C interface: Python, ctypes, no package.

Usage: derive_column.py LIBMONIKER VAULT < NUMBERS    (one a line; one external ID a line)
"""

import ctypes
import sys

lib = ctypes.CDLL(sys.argv[1])


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


class Error(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("message", ctypes.c_char_p), ("locator", ctypes.c_int64),
                ("code", ctypes.c_int32), ("reserved", ctypes.c_int32)]


class Scope(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("conference", Text), ("kind", ctypes.c_int32),
                ("reserved", ctypes.c_int32)]


class Column(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("issuer", Text), ("offsets", ctypes.c_void_p),
                ("bytes", ctypes.c_char_p), ("bytes_size", ctypes.c_size_t), ("validity", ctypes.c_void_p),
                ("first", ctypes.c_size_t), ("count", ctypes.c_size_t), ("offset_bits", ctypes.c_int32),
                ("kind", ctypes.c_int32)]


def text(value):
    return Text(value.encode(), len(value.encode()))


def call(function, *arguments):
    error = Error(ctypes.sizeof(Error))
    if function(*arguments, ctypes.byref(error)) != 0:
        sys.exit(f"{error.message.decode()} ({error.locator})")


def main():
    numbers = [line.rstrip(b"\n") for line in sys.stdin.buffer]
    joined = b"".join(numbers)
    offsets = (ctypes.c_int64 * (len(numbers) + 1))()
    for i, number in enumerate(numbers):
        offsets[i + 1] = offsets[i] + len(number)

    scope = Scope(ctypes.sizeof(Scope), kind=1)  # MONIKER_SCOPE_APP
    anonymizer = ctypes.c_void_p()
    call(lib.moniker_anonymizer_load, text(sys.argv[2]), None, ctypes.byref(scope), ctypes.c_uint32(0),
         ctypes.byref(anonymizer))
    column = Column(ctypes.sizeof(Column), text("mrn.hospital-a"), ctypes.cast(offsets, ctypes.c_void_p),
                    joined, len(joined), count=len(numbers), offset_bits=64)
    ids = ctypes.create_string_buffer(max(1, 32 * len(numbers)))
    call(lib.moniker_anonymizer_derive_many, anonymizer, ctypes.byref(column), ids,
         ctypes.c_size_t(32 * len(numbers)))
    lib.moniker_anonymizer_close(anonymizer)
    for i in range(len(numbers)):
        print(ids.raw[32 * i:32 * i + 32].decode())


if __name__ == "__main__":
    main()
