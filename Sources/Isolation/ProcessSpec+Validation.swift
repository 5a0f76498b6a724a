extension ProcessSpec {
  /// What is searched when the environment names no PATH.
  package static let defaultPath = Array("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".utf8)

  /// The files to execute, in the order of a search; inside the new root.
  var programs: [[UInt8]] {
    guard let command = arguments.first, !command.isEmpty, !command.contains(0x2F) else {
      return arguments.first.map { $0.isEmpty ? [] : [$0] } ?? []
    }
    let path = environment.last { $0.name.elementsEqual("PATH".utf8) }?.value ?? Self.defaultPath
    return path.split(separator: 0x3A, omittingEmptySubsequences: false).map { directory in
      // An empty entry is the working directory (execvp(3)).
      (directory.isEmpty ? [0x2E] : Array(directory)) + [0x2F] + command
    }
  }

  /// Throws `.invalid` for what the kernel would misread, and what the namespace cannot hold.
  func validate(in namespace: UserNamespace) throws(IsolationError) {
    guard !arguments.isEmpty else { throw .invalid(.noArguments) }
    for variable in environment where variable.name.isEmpty || variable.name.contains(0x3D) {
      throw .invalid(.environmentName(variable.name))
    }
    var texts = arguments + environment.flatMap { [$0.name, $0.value] } + [hostname]
    var paths = [workingDirectory]
    switch root {
    case .directory(let path): paths.append(path)
    case .overlay(let lower, let upper, let work, _):
      guard !lower.isEmpty else { throw .invalid(.noLowerDirectories) }
      paths += lower + [upper, work]
    }
    if supervision(in: namespace) != .identities {
      try namespace.check(uid: user.uid, gid: user.gid, groups: user.groups)
    }
    for mount in mounts {
      paths.append(mount.target)
      let components = mount.target.split(separator: 0x2F)
      guard !components.contains(where: { $0.elementsEqual("..".utf8) }) else {
        throw .invalid(.mountTarget(mount.target))
      }
      switch mount.kind {
      case .bind(let source, _):
        if let base = source.base { paths.append(base) } else { paths.append(source.path) }
        texts.append(source.path)
      case .temporary: break
      case .file(_, _, let uid, let gid, _): try namespace.check(uid: uid, gid: gid, groups: [])
      }
    }
    for path in paths where path.first != 0x2F { throw .invalid(.relativePath(path)) }
    for text in texts + paths where text.contains(0) { throw .invalid(.nulByte(in: text)) }
  }

  /// Which calls are answered by a `Supervisor`.
  enum Supervision {
    case none
    /// Those of processes that are user 0, and believe to have all users.
    case identities
    /// Those about what the disk cannot hold, of processes that have users.
    case owners
  }

  func supervision(in namespace: UserNamespace) -> Supervision {
    guard ledger != nil else { return .none }
    switch namespace {
    case .none: return .none
    case .single: return .identities
    // The supervisor, who is outside of it, must mean the same by a number.
    case .ranges(let mapping):
      guard mapping == mapping.fromInside else { return .none }
      return emulatesUsers ? .identities : .owners
    }
  }
}
