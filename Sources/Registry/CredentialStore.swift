import Glibc

/// Where credentials are looked for and kept.
///
/// `REGISTRY_AUTH_FILE` alone if it is set; else docker's `config.json` (in `DOCKER_CONFIG`, or `~/.docker`), then podman's
/// `auth.json` (in `XDG_RUNTIME_DIR/containers`, then `~/.config/containers`). The first file that knows the registry counts.
package struct CredentialStore: Sendable {
  /// The files that are read, in their order.
  package let paths: [String]
  /// The file that `login` writes; nil if there is no place for one.
  package let written: String?

  /// What is shown to every registry, without a look into a file.
  private let fixed: Credential?

  package init(paths: [String]) {
    self.paths = paths
    written = paths.first
    fixed = nil
  }

  /// A name and password that are to be tried.
  package init(login user: String, password: String) {
    paths = []
    written = nil
    fixed = .password(user: user, password: password)
  }

  /// - Parameter variable: the value of an environment variable; nil if it is not set or empty.
  package init(environment variable: (String) -> String?) {
    if let file = variable("REGISTRY_AUTH_FILE") {
      self = CredentialStore(paths: [file])
      return
    }
    let home = variable("HOME")
    var paths: [String] = []
    let docker = variable("DOCKER_CONFIG") ?? home.map { $0 + "/.docker" }
    if let docker { paths.append(docker + "/config.json") }
    let runtime = variable("XDG_RUNTIME_DIR") ?? "/run/containers/\(getuid())"
    paths.append(runtime + (variable("XDG_RUNTIME_DIR") == nil ? "/auth.json" : "/containers/auth.json"))
    let config = variable("XDG_CONFIG_HOME") ?? home.map { $0 + "/.config" }
    if let config { paths.append(config + "/containers/auth.json") }
    self.paths = paths
    fixed = nil
    written = docker.map { $0 + "/config.json" }
  }

  /// The credential for a repository; nil for none. Of several entries of one registry, the longest that is a part of the
  /// repository's name counts (containers-auth.json(5)).
  package func credential(domain: String, path: String) throws(CredentialError) -> Credential? {
    if let fixed { return fixed }
    let hosts = Self.hosts(domain)
    var keys: [String] = []
    for host in hosts {
      var name = path[...]
      while !name.isEmpty {
        keys.append("\(host)/\(name)")
        name = name.lastIndex(of: "/").map { name[..<$0] } ?? ""
      }
    }
    keys += hosts
    for path in paths {
      guard let file = try CredentialFile(path: path) else { continue }
      if let helper = file.helper(for: [domain, Self.server(domain)] + hosts),
        let found = try helper.get(Self.server(domain))
      {
        return found
      }
      if let found = try file.entry(for: keys) { return found }
    }
    return nil
  }

  /// The names under which a registry's credentials may stand.
  private static func hosts(_ domain: String) -> [String] {
    domain == DockerHub.domain ? [domain, DockerHub.index, DockerHub.registry] : [domain]
  }

  /// What docker calls the registry in its file and to helpers.
  private static func server(_ domain: String) -> String {
    domain == DockerHub.domain ? DockerHub.server : domain
  }

  // MARK: Login

  /// Keeps a credential as docker does: with the helper that its configuration names, or in the file.
  /// - Returns: the path of the file, or the name of the helper.
  package func keep(domain: String, user: String, password: String) throws(CredentialError) -> String {
    guard let written else { throw .noHome }
    var file = try CredentialFile(path: written) ?? CredentialFile(new: written)
    let server = Self.server(domain)
    let helper = file.helper(for: [domain, server])
    _ = file.removeEntries(Self.hosts(domain))
    if let helper {
      try helper.store(server, user: user, password: password)
      file.setEmptyEntry(server)
    } else {
      file.setEntry(server, user: user, password: password)
    }
    try file.write()
    return helper.map { "docker-credential-\($0.name)" } ?? written
  }

  /// Forgets a credential, in the file that `login` writes.
  /// - Returns: whether there was one.
  package func forget(domain: String) throws(CredentialError) -> Bool {
    guard let written else { throw .noHome }
    guard var file = try CredentialFile(path: written) else { return false }
    let server = Self.server(domain)
    var isKnown = false
    if let helper = file.helper(for: [domain, server]) { isKnown = try helper.erase(server) }
    if file.removeEntries(Self.hosts(domain)) {
      isKnown = true
      try file.write()
    }
    return isKnown
  }
}
