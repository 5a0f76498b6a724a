import Glibc
import Synchronization

/// Makes the names of temporary files differ when one file is named twice.
private let replacements = Atomic(0)

/// Replaces a file's content in one step: whoever reads it sees all of the old or all of the new bytes.
///
/// A symbolic link stays, and what it points to is replaced. Mode and, as far as allowed, owner are kept.
func replaceFile(_ path: String, with bytes: [UInt8]) throws(InputError) {
  func fail(_ number: Int32 = errno) -> InputError {
    InputError(path: path, reason: "cannot be written: \(errorText(number))")
  }
  guard let resolved = unsafe realpath(path, nil) else { throw fail() }
  let target = unsafe String(cString: resolved)
  unsafe free(resolved)
  var status = stat()
  guard unsafe stat(target, &status) == 0 else { throw fail() }
  // The folder may be writable where the file is not; a file that is write-protected stays as it is.
  guard unsafe access(target, W_OK) == 0 else { throw fail() }

  let temporary = target + ".slipway-\(getpid())-\(replacements.wrappingAdd(1, ordering: .relaxed).newValue)"
  let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
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
  if failure == 0, unsafe rename(temporary, target) != 0 { failure = errno }
  guard failure == 0 else {
    _ = unsafe unlink(temporary)
    throw fail(failure)
  }
}
