import Glibc

/// Gives a child's user namespace its identities (user_namespaces(7)): directly where the kernel lets the caller, else
/// through the setuid programs newuidmap and newgidmap.
struct IdentityMapWriter {
  var pid: pid_t

  func write(_ namespace: UserNamespace) throws(IsolationError) {
    switch namespace {
    case .none:
      return
    case .single:
      // Without this the kernel does not let an ordinary user write a group map.
      try store("setgroups", "deny")
      try store("uid_map", "0 \(geteuid()) 1\n")
      try store("gid_map", "0 \(getegid()) 1\n")
    case .ranges(let mapping):
      if geteuid() == 0 {
        try store("uid_map", Self.lines(mapping.users))
        try store("gid_map", Self.lines(mapping.groups))
      } else {
        try help("newuidmap", mapping.users)
        try help("newgidmap", mapping.groups)
      }
    }
  }

  private static func lines(_ ranges: [IDRange]) -> String {
    ranges.map { "\($0.inside) \($0.outside) \($0.count)\n" }.joined()
  }

  /// The kernel takes a map in one write.
  private func store(_ file: String, _ content: String) throws(IsolationError) {
    let path = "/proc/\(pid)/\(file)"
    let raw = openHost(Array(path.utf8), O_WRONLY)
    guard raw >= 0 else { throw .identityMap(file: path, errno: -raw) }
    let descriptor = Descriptor(owning: raw)
    let error = writeBytes(descriptor.raw, Array(content.utf8))
    guard error == 0 else { throw .identityMap(file: path, errno: error) }
  }

  private func help(_ program: String, _ ranges: [IDRange]) throws(IsolationError) {
    guard let path = Self.helper(program) else {
      throw .identityMapHelper(program: program, status: 127 << 8)
    }
    let numbers = ranges.flatMap(\.numbers)
    let status = try Self.spawn([path, String(pid)] + numbers)
    guard status == 0 else { throw .identityMapHelper(program: path, status: status) }
  }

  /// Where the setuid program is: its usual places, never the caller's PATH.
  static func helper(_ program: String) -> String? {
    ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + program }.first { unsafe access($0, X_OK) == 0 }
  }

  /// Runs a program with no environment and its output thrown away; answers its wait status.
  private static func spawn(_ arguments: [String]) throws(IsolationError) -> Int32 {
    var memory = NativeMemory()
    let argv = unsafe memory.strings(arguments.map { Array($0.utf8) })
    let path = unsafe memory.string(Array(arguments[0].utf8))
    var actions = unsafe posix_spawn_file_actions_t()
    var error = unsafe posix_spawn_file_actions_init(&actions)
    guard error == 0 else { throw .system(call: "posix_spawn_file_actions_init", errno: error) }
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in 0...2 where error == 0 {
      error = unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    guard error == 0 else { throw .system(call: "posix_spawn_file_actions_addopen", errno: error) }
    var child: pid_t = 0
    let environment = unsafe memory.strings([])
    error = unsafe posix_spawn(
      &child, path, &actions, nil,
      UnsafeMutablePointer(
        mutating: UnsafeRawPointer(argv).assumingMemoryBound(
          to: UnsafeMutablePointer<CChar>?.self)),
      UnsafeMutablePointer(
        mutating: UnsafeRawPointer(environment).assumingMemoryBound(
          to: UnsafeMutablePointer<CChar>?.self)))
    guard error == 0 else { throw .system(call: "posix_spawn", errno: error) }
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw .system(call: "waitpid", errno: errno) }
    }
    return status
  }
}
