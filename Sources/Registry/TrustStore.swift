import Glibc
import Synchronization

/// Certificates for single registries, as docker and podman have them: in `certs.d/HOST[:PORT]`, `*.crt` are authorities that
/// are trusted besides the system's, `NAME.cert` with `NAME.key` is a client's certificate.
package final class TrustStore: Sendable {
  /// Folders with a folder for each host.
  private let folders: [String]
  /// A folder that is for every host: `--cert-dir`.
  private let common: String?
  private let isUnverified: Bool
  /// The system's authorities, one of these files.
  private let bundles: [String]
  private let known = Mutex<[String: TLSTrust]>([:])

  /// - Parameter isUnverified: whether any certificate of a server will do.
  package init(folders: [String], common: String? = nil, isUnverified: Bool = false, bundles: [String] = []) {
    self.folders = folders
    self.common = common
    self.isUnverified = isUnverified
    self.bundles = bundles
  }

  /// - Parameter variable: the value of an environment variable; nil if it is not set or empty.
  package convenience init(
    environment variable: (String) -> String?, common: String?, isUnverified: Bool
  ) {
    var folders: [String] = []
    if let config = variable("XDG_CONFIG_HOME") ?? variable("HOME").map({ $0 + "/.config" }) {
      folders += [config + "/containers/certs.d", config + "/docker/certs.d"]
    }
    folders += ["/etc/containers/certs.d", "/etc/docker/certs.d"]
    let system = [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
      "/etc/ssl/cert.pem",
    ]
    self.init(
      folders: folders, common: common, isUnverified: isUnverified,
      bundles: variable("SSL_CERT_FILE").map { [$0] } ?? system)
  }

  /// What is trusted, and shown, when a URL is asked for.
  func trust(for url: HTTPURL) throws(RegistryError) -> TLSTrust {
    var trust = TLSTrust()
    trust.isUnverified = isUnverified
    guard url.scheme == .https else { return trust }
    if let found = known.withLock({ $0[url.authority] }) { return found }
    var names = [url.authority]
    if url.port == nil { names.append(url.host + ":443") }
    if url.port == 443 { names.append(url.host) }
    let places = [common].compactMap(\.self) + folders.flatMap { folder in names.map { "\(folder)/\($0)" } }
    var own: [UInt8] = []
    for place in places {
      let files = Self.names(in: place)
      for name in files where name.hasSuffix(".crt") {
        try own += Self.read("\(place)/\(name)") + [0x0A]
      }
      guard trust.certificate == nil, let name = files.first(where: { $0.hasSuffix(".cert") }) else {
        continue
      }
      let key = String(name.dropLast(".cert".count)) + ".key"
      guard files.contains(key) else { throw .trust(path: "\(place)/\(key)", code: ENOENT) }
      (trust.certificate, trust.key) = ("\(place)/\(name)", "\(place)/\(key)")
    }
    if !own.isEmpty {
      // In place of libcurl's own file, so that the system's have to be there too.
      let system = bundles.lazy.compactMap { try? Self.read($0) }.first ?? []
      trust.authorities = own + system
    }
    let found = trust
    known.withLock { $0[url.authority] = found }
    return found
  }

  /// The names in a folder, sorted; none if it cannot be read.
  private static func names(in folder: String) -> [String] {
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      names.append(String(decoding: name, as: UTF8.self))
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func read(_ path: String) throws(RegistryError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .trust(path: path, code: errno) }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while content.count < 16 << 20 {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .trust(path: path, code: errno) }
      if count == 0 { break }
      content += buffer[..<count]
    }
    return content
  }
}
