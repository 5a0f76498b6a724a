import Glibc
import JSONText
import OCIModel

/// A file of credentials: docker's `config.json`, or podman's `auth.json`, which has the same form.
struct CredentialFile: Sendable {
  let path: String
  private(set) var document: JSONValue

  private static let limit = 4 << 20

  /// - Returns: nil if there is no such file.
  init?(path: String) throws(CredentialError) {
    self.path = path
    guard let bytes = try Self.read(path) else { return nil }
    // An empty file is what `mktemp` and /dev/null give.
    if bytes.allSatisfy({ " \t\r\n".utf8.contains($0) }) {
      document = .object([])
      return
    }
    do throws(DocumentError) {
      document = try JSONReader.read(bytes, limit: Self.limit)
    } catch {
      throw .document(path: path, reason: Self.reason(error))
    }
    guard case .object = document else { throw .document(path: path, reason: "it is no object") }
  }

  /// A file that is not there yet.
  init(new path: String) {
    self.path = path
    document = .object([])
  }

  private static func reason(_ error: DocumentError) -> String {
    switch error {
    case .syntax(let line, let column, _): "line \(line), column \(column): it is no JSON"
    default: "it is no JSON"
    }
  }

  private static func read(_ path: String) throws(CredentialError) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .file(path: path, code: errno)
    }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while content.count <= limit {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .file(path: path, code: errno) }
      if count == 0 { break }
      content += buffer[..<count]
    }
    return content
  }

  // MARK: Looking up

  /// The helper for a server; nil if the file has its credentials itself.
  func helper(for keys: [String]) -> CredentialHelper? {
    for key in keys {
      if case .string(let name)? = document["credHelpers"]?[key], !name.isEmpty {
        return CredentialHelper(name: name)
      }
    }
    return store
  }

  /// The helper that keeps everything.
  var store: CredentialHelper? {
    if case .string(let name)? = document["credsStore"], !name.isEmpty { return CredentialHelper(name: name) }
    return nil
  }

  /// The credential that the file itself has for the first of these keys.
  func entry(for keys: [String]) throws(CredentialError) -> Credential? {
    guard case .object(let entries)? = document["auths"] else { return nil }
    for key in keys {
      for entry in entries where Self.normalized(entry.key) == key {
        if let credential = try credential(entry.value, of: entry.key) { return credential }
      }
    }
    return nil
  }

  /// A key without scheme, and without the path of docker's first protocol.
  static func normalized(_ key: String) -> String {
    var text = key[...]
    for scheme in ["https://", "http://"] where text.hasPrefix(scheme) { text = text.dropFirst(scheme.count) }
    while text.last == "/" { text.removeLast() }
    for version in ["/v1", "/v2"] where text.hasSuffix(version) { text = text.dropLast(version.count) }
    return String(text)
  }

  private func credential(_ entry: JSONValue, of key: String) throws(CredentialError) -> Credential? {
    func text(_ name: String) -> String? {
      if case .string(let text)? = entry[name], !text.isEmpty { return text }
      return nil
    }
    if let token = text("identitytoken") { return .identityToken(token) }
    if let token = text("registrytoken") { return .registryToken(token) }
    if let auth = text("auth") {
      guard let bytes = Base64.decode(auth), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
        throw .document(path: path, reason: "`auth` of \(key) is not a name and a password in base64")
      }
      // Some writers pad with NUL.
      let password = bytes[(colon + 1)...].prefix { $0 != 0 }
      return .password(
        user: String(decoding: bytes[..<colon], as: UTF8.self),
        password: String(decoding: password, as: UTF8.self))
    }
    if let user = text("username"), let password = text("password") {
      return .password(user: user, password: password)
    }
    return nil
  }

  // MARK: Changing

  /// Keeps a name and password in the file itself.
  mutating func setEntry(_ key: String, user: String, password: String) {
    let auth = JSONValue.string(Base64.encode(Array("\(user):\(password)".utf8)))
    changeEntries { entries in
      entries.removeAll { $0.key == key }
      entries.append(.init(key: key, value: .object([.init(key: "auth", value: auth)])))
    }
  }

  /// Notes that a helper has the credential, as docker does: an entry without content.
  mutating func setEmptyEntry(_ key: String) {
    changeEntries { entries in
      entries.removeAll { $0.key == key }
      entries.append(.init(key: key, value: .object([])))
    }
  }

  /// - Returns: whether there was one.
  mutating func removeEntries(_ keys: [String]) -> Bool {
    var isRemoved = false
    changeEntries { entries in
      let count = entries.count
      entries.removeAll { keys.contains(Self.normalized($0.key)) }
      isRemoved = entries.count != count
    }
    return isRemoved
  }

  private mutating func changeEntries(_ change: (inout [JSONValue.Member]) -> Void) {
    guard case .object(var members) = document else { return }
    var entries: [JSONValue.Member] = []
    if case .object(let old)? = document["auths"] { entries = old }
    change(&entries)
    let value = JSONValue.object(entries)
    if let index = members.firstIndex(where: { $0.key == "auths" }) {
      members[index].value = value
    } else {
      members.append(.init(key: "auths", value: value))
    }
    document = .object(members)
  }

  /// Writes the file, for its owner alone: all of it or nothing. A symbolic link stays, and what it points to is
  /// replaced.
  func write() throws(CredentialError) {
    var target = path
    if let resolved = unsafe realpath(path, nil) {
      target = unsafe String(cString: resolved)
      unsafe free(resolved)
    }
    try Self.createFolder(String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)]))
    let temporary = "\(target).slipway-\(getpid())"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .file(path: path, code: errno) }
    var rest = (document.encoded(style: .pretty) + [0x0A])[...]
    var failure: Int32 = 0
    while !rest.isEmpty, failure == 0 {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { failure = errno }
    }
    if failure == 0, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, unsafe rename(temporary, target) != 0 { failure = errno }
    guard failure == 0 else {
      _ = unsafe unlink(temporary)
      throw .file(path: path, code: failure)
    }
  }

  private static func createFolder(_ path: String) throws(CredentialError) {
    guard !path.isEmpty, unsafe access(path, F_OK) != 0 else { return }
    if let slash = path.lastIndex(of: "/") { try createFolder(String(path[..<slash])) }
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .file(path: path, code: errno) }
  }
}
