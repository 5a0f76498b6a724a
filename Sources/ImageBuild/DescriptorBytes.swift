import Glibc

/// Writes all bytes to a file or pipe.
/// - Returns: 0, or the number of the error.
func writeAll(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> CInt {
  var rest = unsafe bytes
  while unsafe !rest.isEmpty {
    let count = unsafe write(descriptor, rest.baseAddress, rest.count)
    if count < 0 {
      if errno == EINTR { continue }
      return errno
    }
    unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
  }
  return 0
}
