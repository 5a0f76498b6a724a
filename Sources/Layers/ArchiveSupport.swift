import CArchive
import FileTree
import Glibc

/// libarchive converts names through the locale of the process. In the "C" locale it cannot represent
/// a name outside ASCII and writes other headers; this sets the character type to UTF-8, once, so the
/// bytes are the same in every environment. Other categories of the locale are left alone.
package func prepareArchiveLocale() {
  _ = localeIsPrepared
}

private let localeIsPrepared: Bool = unsafe setlocale(LC_CTYPE, "C.UTF-8") != nil

/// Runs a step of reading with the "C" locale on this thread.
///
/// With a UTF-8 locale libarchive composes the names of pax headers (NFC), which makes another file
/// of a name that was decomposed. With "C" it cannot convert them, and gives the bytes as they are.
func withNamesAsBytes<Result>(_ body: () -> Result) -> Result {
  let previous = unsafe uselocale(byteLocale.locale)
  defer { _ = unsafe uselocale(previous) }
  forgetErrorNumber()
  return body()
}

/// Clears `errno` before a step of libarchive that converts names.
///
/// When a conversion fails, libarchive looks at `errno` to tell "no such character" (a warning) from "no memory"
/// (fatal), and does not clear it before: an ENOMEM that some earlier call of this thread left behind would be fatal.
func forgetErrorNumber() {
  errno = 0
}

/// A locale object; it is never changed or freed, so that threads may share it.
@safe private struct ByteLocale: @unchecked Sendable {
  let locale = unsafe newlocale(1 << LC_CTYPE, "C", nil)
}

private let byteLocale = ByteLocale()

/// What libarchive says about its last failure.
func archiveError(_ archive: OpaquePointer, _ path: BytePath?) -> LayerError {
  guard let text = unsafe archive_error_string(archive) else {
    return .archive(path: path, message: "unknown error")
  }
  return .archive(path: path, message: unsafe String(cString: text))
}

/// Whether a result of libarchive means failure. A warning is none: a name that is not UTF-8 always
/// gives one, and is written and read as the bytes that it is.
func isFailure(_ result: CInt) -> Bool {
  result < ARCHIVE_WARN
}

/// The bytes of a C string that libarchive owns.
func pathBytes(_ text: UnsafePointer<CChar>) -> BytePath {
  let count = unsafe strlen(text)
  return unsafe BytePath(UnsafeRawBufferPointer(start: text, count: count).map { $0 })
}

/// Calls `body` with a path as a C string. The path must not hold a NUL.
func withCString<Result>(_ path: BytePath, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: path.bytes.count + 1) { buffer in
    for index in path.bytes.indices {
      unsafe buffer[index] = CChar(bitPattern: path.bytes[index])
    }
    unsafe buffer[path.bytes.count] = 0
    // The allocation is never empty, so there always is a base address.
    return unsafe body(UnsafePointer(buffer.baseAddress.unsafelyUnwrapped))
  }
}

/// How many processors there are to compress on.
func processorCount() -> Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }
