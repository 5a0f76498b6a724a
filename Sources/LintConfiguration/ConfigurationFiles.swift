#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where configuration files are read from; tests have them in memory.
package protocol ConfigurationFiles: Sendable {
  /// The content of a file.
  ///
  /// - Parameter path: absolute.
  /// - Returns: nil when there is no such file, or no file of that name but a folder, a pipe or a device.
  func bytes(of path: String) throws(ConfigurationFailure) -> [UInt8]?
}

/// The files of the system.
package struct SystemConfigurationFiles: ConfigurationFiles {
  /// How many bytes of a file are taken; one more than the reader looks at, so that it can say that it is too much.
  private static let maximumSize = (4 << 20) + 1

  package init() {}

  package func bytes(of path: String) throws(ConfigurationFailure) -> [UInt8]? {
    // Without O_NONBLOCK a pipe of that name would be waited for.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      // ENOTDIR: the folder is a file. ENXIO: a socket.
      if [ENOENT, ENOTDIR, ENXIO, ENAMETOOLONG].contains(errno) { return nil }
      throw failure(path, errno)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes: [UInt8] = []
    var code: Int32 = 0
    while bytes.count < Self.maximumSize {
      let capacity = min(max(4096, Int(status.st_size) + 1 - bytes.count), Self.maximumSize)
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        let result = unsafe read(descriptor, buffer.baseAddress, buffer.count)
        code = result < 0 ? errno : 0
        count = max(0, result)
      }
      if code == EINTR { continue }
      guard code == 0 else { throw failure(path, code) }
      if chunk.isEmpty { break }
      bytes += chunk
    }
    return bytes
  }

  private func failure(_ path: String, _ code: Int32) -> ConfigurationFailure {
    let text = unsafe strerror(code).map { unsafe String(cString: $0) }
    return ConfigurationFailure(path: path, reason: text ?? "error \(code)")
  }
}
