import Glibc
import LintInputs
import SourceText

/// Why a file could not be read.
struct InputError: Error {
  let path: String
  let reason: String
}

/// Reads a file, or standard input for `-`, as it is.
func readSource(_ path: String, name: String? = nil) throws(InputError) -> Source {
  do throws(FileFailure) {
    let bytes = try path == "-" ? readStandardInput() : readFile(InputPath(argument: path))
    return Source(name: name ?? path, bytes: bytes)
  } catch {
    throw InputError(path: path, reason: error.sentence)
  }
}

extension FileFailure {
  /// What to say behind the path.
  var sentence: String {
    switch self {
    case .system(let number): errorText(number)
    case .isFolder: "is a folder"
    case .tooLarge: "is larger than is read"
    }
  }
}

/// What the C library says of an error number.
func errorText(_ number: Int32) -> String {
  guard let text = unsafe strerror(number) else { return "error \(number)" }
  return unsafe String(cString: text)
}

/// Writes all bytes to a descriptor; false when the other side is gone or the disk is full.
@discardableResult
func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
  unsafe bytes.withUnsafeBytes { buffer in
    var offset = 0
    while offset < buffer.count {
      let written = unsafe write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      if written < 0 {
        if errno == EINTR { continue }
        return false
      }
      offset += written
    }
    return true
  }
}
