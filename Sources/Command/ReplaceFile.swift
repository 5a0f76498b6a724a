import Glibc
import LintInputs
import Synchronization

/// Makes the names of temporary files differ when one file is named twice.
private let replacements = Atomic(0)

/// Replaces a file's content in one step: whoever reads it sees all of the old or all of the new bytes.
///
/// A symbolic link stays, and what it points to is replaced. Mode and, as far as allowed, owner are kept.
func replaceFile(_ path: InputPath, with bytes: [UInt8]) throws(InputError) {
  func fail(_ number: Int32 = errno) -> InputError {
    InputError(path: path.displayName, reason: "cannot be written: \(errorText(number))")
  }
  guard let target = canonicalPath(path) else { throw fail() }
  var status = stat()
  guard unsafe target.withCPath({ unsafe stat($0, &status) }) == 0 else { throw fail() }
  // The folder may be writable where the file is not; a file that is write-protected stays as it is.
  guard unsafe target.withCPath({ unsafe access($0, W_OK) }) == 0 else { throw fail() }

  let number = replacements.wrappingAdd(1, ordering: .relaxed).newValue
  let temporary = InputPath(target.bytes + Array(".slipway-\(getpid())-\(number)".utf8))
  let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
  let descriptor = unsafe temporary.withCPath { unsafe open($0, flags, 0o600) } ?? -1
  guard descriptor >= 0 else { throw fail() }
  var failure: Int32 = 0
  if !writeAll(descriptor, bytes) { failure = errno }
  if failure == 0, status.st_uid != geteuid() || status.st_gid != getegid() {
    // Only root may give files away; without that the file belongs to whoever mended it.
    _ = fchown(descriptor, status.st_uid, status.st_gid)
  }
  if failure == 0, fchmod(descriptor, status.st_mode & 0o7777) != 0 { failure = errno }
  if failure == 0, fsync(descriptor) != 0 { failure = errno }
  if close(descriptor) != 0, failure == 0 { failure = errno }
  if failure == 0, move(temporary, to: target) != 0 { failure = errno }
  guard failure == 0 else {
    _ = unsafe temporary.withCPath { unsafe unlink($0) }
    throw fail(failure)
  }
}

private func move(_ path: InputPath, to target: InputPath) -> Int32? {
  unsafe path.withCPath { path in unsafe target.withCPath { unsafe rename(path, $0) } } ?? nil
}
