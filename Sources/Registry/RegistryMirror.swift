import Glibc
import ImageStore
import JSONText
package import OCIModel
import Synchronization

/// A server that is asked for images before the registry that their names say.
package struct RegistryMirror: Hashable, Sendable {
  /// The registry whose images it has, as in their names.
  package let domain: String
  /// `host[:port]` of the mirror. Credentials and certificates are looked for under it, never under the registry's name.
  package let authority: String
  /// Stands before the names of repositories on the mirror; empty for none.
  let prefix: String
  /// Whether it was written with `http://`.
  let isPlain: Bool

  /// Reads `[HOST=]URL`. Without a host it is a mirror of docker.io, as with dockerd; without a scheme it speaks https. A path is a
  /// part of the repositories' names there.
  package init(parsing text: String) throws(MirrorError) {
    var url = text[...]
    var domain = DockerHub.domain
    if let equals = text.firstIndex(of: "=") {
      domain = String(text[..<equals])
      url = text[text.index(after: equals)...]
    }
    // A name of an image is what tells whether a text can be a host, or a part of a path.
    func name(_ text: String) -> ImageReference? { try? ImageReference(parsing: text) }
    let host = domain == DockerHub.index ? DockerHub.domain : domain
    guard name("\(host)/a/b")?.domain == host else { throw .host(domain) }
    // What a URL may have beside these is dropped when it is read, and no mirror should be another one than was written.
    guard !url.contains(where: { "@?#".contains($0) }),
      let found = HTTPURL(parsing: url.contains("://") ? String(url) : "https://\(url)")
    else { throw .url(String(url)) }
    let prefix = found.target.split(separator: "/").joined(separator: "/")
    if !prefix.isEmpty, name("\(DockerHub.domain)/\(prefix)/b")?.path != prefix + "/b" {
      throw .url(String(url))
    }
    self.domain = host
    authority = found.authority
    self.prefix = prefix
    isPlain = found.scheme == .http
  }
}

/// Why mirrors cannot be used.
package enum MirrorError: Error, Hashable, Sendable {
  /// This is no registry's name.
  case host(String)
  /// This is no URL, or has a user, a query or a fragment.
  case url(String)
  /// The file cannot be read; `errno`.
  case file(code: Int32)
  /// The file is not what it should be; in what.
  case document(reason: String)
}

extension RegistryMirror {
  /// The mirrors of dockerd's daemon.json, which are docker.io's: its `registry-mirrors`, in their order.
  ///
  /// - Returns: nil if there is no such file.
  package static func read(daemonFile path: String) throws(MirrorError) -> [RegistryMirror]? {
    let file: CredentialFile?
    do throws(CredentialError) {
      file = try CredentialFile(path: path)
    } catch .file(_, let code) {
      throw .file(code: code)
    } catch .document(_, let reason) {
      throw .document(reason: reason)
    } catch {
      throw .document(reason: "it cannot be read")
    }
    guard let file else { return nil }
    guard let value = file.document["registry-mirrors"] else { return [] }
    guard case .array(let entries) = value else {
      throw .document(reason: "registry-mirrors is no list")
    }
    var mirrors: [RegistryMirror] = []
    for entry in entries {
      guard case .string(let text) = entry else {
        throw .document(reason: "an entry of registry-mirrors is no text")
      }
      // The file knows docker.io alone.
      guard !text.contains("=") else { throw .url(text) }
      try mirrors.append(RegistryMirror(parsing: text))
    }
    return mirrors
  }
}

extension RegistryClient {
  /// Asks for something of an image: its registry's mirrors in their order, then the registry.
  ///
  /// Nothing that is wrong with a mirror keeps the registry from being asked; what is wrong with this machine does. A mirror that cannot
  /// be reached is not asked a second time.
  /// - Parameter passedOver: told the host of each mirror that did not do it, and why.
  func asking<Result>(
    _ name: ImageReference, passedOver: (String, RegistryError) -> Void,
    _ body: (Repository) throws(RegistryError) -> Result
  ) throws(RegistryError) -> Result {
    for mirror in options.mirrors where mirror.domain == name.domain {
      if unreachableMirrors.withLock({ $0.contains(mirror) }) { continue }
      do throws(RegistryError) {
        return try body(repository(name, on: mirror))
      } catch {
        guard error.isOfServer else { throw error }
        if case .unreachable = error { _ = unreachableMirrors.withLock { $0.insert(mirror) } }
        passedOver(mirror.authority, error)
      }
    }
    return try body(repository(name))
  }

  private func repository(
    _ name: ImageReference, on mirror: RegistryMirror
  ) throws(RegistryError) -> Repository {
    // By https alone, unless it is on this machine or plain http is allowed; whoever wrote `http://` should hear of it.
    let isNear = HTTPURL(scheme: .http, authority: mirror.authority, target: "/")?.isLoopback ?? false
    guard !mirror.isPlain || isNear || options.isInsecure else {
      throw .insecureMirror(host: mirror.authority)
    }
    let client = mirrorClient ?? self
    let host = client.host(mirror.authority)
    let path = mirror.prefix.isEmpty ? name.path : "\(mirror.prefix)/\(name.path)"
    return Repository(client: client, host: host, path: path)
  }

  /// What a name stands for now, as a mirror or the registry says it; nil if it does not say so without sending it.
  package func currentDigest(
    of name: ImageReference, passedOver: (String, RegistryError) -> Void
  ) throws(RegistryError) -> Digest? {
    try asking(name, passedOver: passedOver) { repository throws(RegistryError) in
      try repository.digest(of: name.digest?.description ?? name.tag ?? "latest")
    }
  }
}

extension Repository {
  /// Whether both are one repository on one server.
  func isSame(as other: Repository) -> Bool { authority == other.authority && path == other.path }
}

extension RegistryError {
  /// Whether another server may do better.
  var isOfServer: Bool {
    switch self {
    case .cancelled, .noLibrary, .store(.system), .store(.busy): false
    default: true
    }
  }
}
