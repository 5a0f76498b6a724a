import CLinux
import Glibc

/// An open file descriptor, closed when its owner goes away.
package struct Descriptor: ~Copyable, Sendable {
  package let raw: CInt

  /// Takes over `raw`, which must be open and not be closed by anyone else.
  package init(adopting raw: CInt) {
    self.raw = raw
  }

  deinit { _ = close(raw) }
}

/// Calls `body` with the bytes as a C string and gives back what it gives, a negative errno
/// included. A NUL inside the bytes gives `-EINVAL`: the kernel would act on a shorter name.
func withCString(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Int) -> Int {
  guard !bytes.contains(0) else { return -Int(EINVAL) }
  return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
    for index in bytes.indices {
      unsafe buffer[index] = CChar(bitPattern: bytes[index])
    }
    unsafe buffer[bytes.count] = 0
    guard let start = buffer.baseAddress else { return -Int(ENOMEM) }
    return unsafe body(start)
  }
}

/// Calls `body` with two C strings; see ``withCString(_:_:)``.
func withCStrings(
  _ first: [UInt8], _ second: [UInt8], _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int
) -> Int {
  unsafe withCString(first) { a in
    unsafe withCString(second) { b in unsafe body(a, b) }
  }
}

/// Turns the result of a shim call into an error or a value.
@discardableResult
func checked(_ result: Int, _ operation: FileError.Operation, _ path: BytePath) throws(FileError) -> Int {
  guard result >= 0 else { throw FileError(operation, path, CInt(-result)) }
  return result
}
